import { expect, it } from 'vitest';
import { conv, dense, modelFiles, plain, sequential } from '../testing/keras-model';
import { memorySource, modelOf, requestFor, testModelFiles, worldWith } from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { evaluate } from './evaluate';
import { layerBytes } from './layer-stage';
import { layersMemory, MAX_LAYERS_MEMORY } from './plan';

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
    message:
      'layer by layer would need too much memory (class means of all layers 2.6 GB, with the perturbed images 2.6 GB; 2.0 GB is the most): measure fewer images, or without layers',
  });
  await expect(evaluate(requestFor(model, { board, layers: false }), world)).rejects.toThrow('before anything is measured');
});

it('the bundled models are far below the limit', async () => {
  expect(layerBytes(await modelOf(testModelFiles('fmnist_at')))).toBeLessThan(MAX_LAYERS_MEMORY / 10);
});

it('perturbed images count: a full run on large images is refused layer by layer, a preview is not', () => {
  const attacks = ['pgd-10', 'pgd-margin', 'targeted', 'gaussian', 'sign'] as const;
  // pgd-margin is not looked at layer by layer; the other four are kept for the test images, one at a time for the others.
  const memory = (samples: number, trainSamples: number) => layersMemory({ dataset: 'imagenette', attacks, samples, trainSamples }, 1000);
  expect(memory(3925, 9469)).toBe(1000 + 4 * 160 * 160 * 3 * (4 * 3925 + 9469));
  expect(memory(3925, 9469)).toBeGreaterThan(MAX_LAYERS_MEMORY);
  expect(memory(500, 2000)).toBeLessThan(MAX_LAYERS_MEMORY);
  expect(layersMemory({ dataset: 'cifar-10', attacks, samples: 10000, trainSamples: 10000 }, 0)).toBeLessThan(MAX_LAYERS_MEMORY / 3);
  expect(layersMemory({ dataset: 'cifar-10', attacks: ['pgd-margin'], samples: 10000, trainSamples: 10000 }, 7)).toBe(7);
});
