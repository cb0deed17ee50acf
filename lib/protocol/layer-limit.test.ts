import { expect, it } from 'vitest';
import { conv, dense, modelFiles, plain, sequential } from '../testing/keras-model';
import { bundledFiles, memorySource, modelOf, requestFor, worldWith } from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { evaluate } from './evaluate';
import { layerBytes, MAX_LAYER_BYTES } from './layer-stage';

const laboratory = {
  capacity: 1,
  measure: () => {
    throw new Error('expected to be refused before anything is measured');
  },
};
const images = (count: number) => ({
  images: new Uint8Array(count * 160 * 160 * 3),
  labels: Uint8Array.from({ length: count }, (_, n) => n % 10),
});

it('layers whose class means would not fit into memory are refused before anything is measured, with the way out', async () => {
  const wide = (name: string, from: number) => conv(name, [1, 1, from, 64]);
  const model = await modelOf(
    modelFiles(
      sequential(
        [160, 160, 3],
        [wide('a', 3), wide('b', 64), wide('c', 64), plain('GlobalAveragePooling2D', 'pool'), dense('out', [64, 10])],
      ),
    ),
  );
  expect(layerBytes(model)).toBe(8 * 10 * 7 * (160 * 160 * 3 + 3 * 160 * 160 * 64 + 64));
  const board = BOARDS.get('imagenette/linf') as Board;
  const world = worldWith(laboratory, memorySource({ test: images(10), train: images(20) }));
  await expect(evaluate(requestFor(model, { board, layers: true }), world)).rejects.toMatchObject({
    code: 'arguments',
    message: '10 class means of all layers would take 2.6 GB, 2.0 GB is the most; measure this model without layers',
  });
  await expect(evaluate(requestFor(model, { board, layers: false }), world)).rejects.toThrow('before anything is measured');
});

it('the bundled models are far below the limit', async () => {
  expect(layerBytes(await modelOf(bundledFiles('fmnist_at')))).toBeLessThan(MAX_LAYER_BYTES / 10);
});
