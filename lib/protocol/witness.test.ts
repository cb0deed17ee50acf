import { describe, expect, it } from 'vitest';
import { DATASETS, imageBytes } from '../data/datasets';
import { bits, standardNormal, uniform01 } from '../random';
import { clipToBall } from './ball';
import { BOARDS, type Board } from './boards';
import { fromDeltas, mostDelta, mostSquares, toDeltas } from './deltas';
import { outside } from './witness';

const linf = BOARDS.get('fashion-mnist/linf') as Board;
const l2 = BOARDS.get('cifar-10/l2') as Board;

describe('a board’s radius in units', () => {
  it('is the whole number of the contract, for every board', () => {
    const units = new Map([...BOARDS.values()].map((b) => [b.id, mostDelta(b.epsilon)]));
    expect([...units.values()]).toEqual([3264, 3264, 48960, 1024, 16384, 1024, 16384, 1024, 16384]);
    for (const board of BOARDS.values()) expect(Math.abs(board.epsilon * 32640 - mostDelta(board.epsilon)), board.id).toBeLessThan(1e-9);
    expect([1.5, 128 / 255].map(mostSquares)).toEqual([2_397_081_600, 268_435_456]);
  });
});

describe('box and ball in whole numbers', () => {
  const image = (bytes: number[]) => Uint8Array.from(bytes);
  const shape = [1, 2, 1] as const;

  it('hold up to the last unit and not one more', () => {
    const at = (board: Board, deltas: number[], bytes = [100, 100]) => outside(Int16Array.from(deltas), image(bytes), board, shape);
    expect(at(linf, [3264, -3264])).toBeUndefined();
    expect(at(linf, [0, 3265])).toBe('row 0, column 1: 3265 leaves the ball; at most ±3264 is allowed (ε = 0.1)');
    expect(at(linf, [-3265, 0])).toContain('row 0, column 0');
    expect(at(linf, [-128, 128], [1, 254])).toBeUndefined();
    expect(at(linf, [-129, 0], [1, 254])).toBe(
      'row 0, column 0: -129 takes the pixel (1/255) out of its range; it must be from -128 to 32512',
    );
    expect(at(linf, [0, 129], [1, 254])).toContain('from -32512 to 128');
    const side = 11585; // 2 · 11585² = 268 424 450, and 11585² + 11586² is above 16384²
    expect(at(l2, [side, -side], [100, 200])).toBeUndefined();
    expect(at(l2, [side, -side - 1], [100, 200])).toContain('268447621 leaves the ball; at most 268435456');
  });

  it('name row, column and channel of a colour image', () => {
    const deltas = new Int16Array(32 * 32 * 3);
    deltas[(5 * 32 + 7) * 3 + 2] = 1025;
    const board = BOARDS.get('cifar-10/linf') as Board;
    expect(outside(deltas, new Uint8Array(3072).fill(99), board, [32, 32, 3])).toContain('row 5, column 7, channel 2');
  });
});

it('the network’s input is the one float32 next to the exact value', () => {
  expect([...fromDeltas(Int16Array.from([0, 0, -37]), Uint8Array.from([0, 255, 10]))]).toEqual([0, 1, Math.fround(1243 / 32640)]);
});

describe.each([...BOARDS.values()].filter((b) => b.dataset !== 'cifar-100').map((b) => [b.id, b] as const))(
  'perturbations made on %s',
  (_, board) => {
    const dataset = DATASETS[board.dataset];
    const size = imageBytes(dataset);
    /** An image and a point, on the edge of the ball, in it, or far outside. */
    const draw = (sample: number) => {
      const image = Uint8Array.from(bits({ seed: 3, tag: 990, sample, split: 'test' }, size), (w) =>
        sample % 3 ? w & 255 : w & 1 ? 255 : 0,
      );
      const noise =
        sample % 2
          ? uniform01({ seed: 4, tag: 990, sample, split: 'test' }, size).map((u) => (u < 0.5 ? -1 : 1))
          : standardNormal({ seed: 4, tag: 990, sample, split: 'test' }, size);
      const length = board.norm === 'linf' ? 1 : Math.sqrt(noise.reduce((s, v) => s + v * v, 0));
      const points = Float32Array.from(
        image,
        (x, i) => x / 255 + ([0.3, 1, 1.0000001, 40][sample % 4] * board.epsilon * noise[i]) / length,
      );
      return { image, points };
    };

    it('stay inside box and ball, whatever they are made of', () => {
      for (let sample = 0; sample < (size > 1e4 ? 4 : 24); sample++) {
        const { image, points } = draw(sample);
        expect(outside(toDeltas(points, image, board), image, board, dataset.shape)).toBeUndefined();
      }
      const { image } = draw(1);
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1e30])
        expect(outside(toDeltas(new Float32Array(size).fill(value), image, board), image, board, dataset.shape)).toBeUndefined();
    });

    it('are next to the point that an attack returns, to a unit of rounding', () => {
      for (let sample = 0; sample < (size > 1e4 ? 4 : 8); sample++) {
        const { image, points } = draw(sample);
        clipToBall(
          points,
          Float32Array.from(image, (x) => x / 255),
          board.norm,
          board.epsilon,
        );
        const back = fromDeltas(toDeltas(points, image, board), image);
        const furthest = points.reduce((most, p, i) => Math.max(most, Math.abs(p - back[i])), 0);
        expect(furthest * 32640).toBeLessThan(1.01);
      }
    });
  },
);
