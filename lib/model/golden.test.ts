/** The reference models' outputs, gradients and attack traces, on every backend of this machine. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { AttackBatch } from '../attacks/attack';
import { NORMS } from '../attacks/norms';
import { pgd10, targeted } from '../attacks/pgd';
import { crossEntropyGrad } from '../engine/kernels/loss-grad';
import { BOARDS, type Board } from '../protocol/boards';
import { readLogits } from '../protocol/measure';
import { maxDifference, onEachBackend } from '../testing/backends';
import {
  datasetOf,
  golden,
  hasReference,
  REFERENCE_MODELS,
  type ReferenceModel,
  referenceArray,
  referenceFiles,
} from '../testing/reference';
import { modelOf, networkOf } from '../testing/small-evaluation';
import type { Classifier } from './classifier';
import { featureNode } from './graph';

/** Keeps the logits of every point that an attack asks about. */
function recording(inner: Classifier) {
  const logits: tf.Tensor2D[] = [];
  const classifier: Classifier = {
    inputShape: inner.inputShape,
    classes: inner.classes,
    logits: (x) => inner.logits(x),
    inputGradient(x, labels, loss) {
      logits.push(tf.keep(inner.logits(x)));
      return inner.inputGradient(x, labels, loss);
    },
    logitsAndGradient: (x, labels, loss) => inner.logitsAndGradient(x, labels, loss),
  };
  return { classifier, logits };
}

function caseOf(name: ReferenceModel, few: boolean) {
  const known = golden(name);
  const { images, labels } = known.logits32;
  const count = few ? 4 : 32;
  const pixels = referenceArray(images);
  const shape = [count, ...images.shape.slice(1)] as [number, number, number, number];
  return { known, labels, count, pixels, size: pixels.length / 32, shape };
}

describe.skipIf(!hasReference)('golden networks (need SIMPLEXITY_REFERENCE and DATASETS_DIR)', () => {
  onEachBackend('golden networks', (backend) => {
    // A software GPU takes seconds an image.
    const few = backend === 'webgpu';
    describe.each(few ? (['fmnist_st', 'cifar_st'] as const) : REFERENCE_MODELS)('%s', (name) => {
      it('gives the reference logits and features', async () => {
        const { known, labels, count, pixels, size, shape } = caseOf(name, few);
        const model = await modelOf(referenceFiles(name));
        const network = networkOf(model);
        const x = tf.tensor4d(pixels.slice(0, count * size), shape);
        const out = network.forward(x, [featureNode(model.graph) as number]);
        const logits = (await out.logits.data()) as Float32Array;
        const features = (await out.taps[0].data()) as Float32Array;
        const seen = Math.min(count, known.logits32.features.length);
        const dim = known.logits32.features[0].length;
        expect(maxDifference(logits, known.logits32.logits.slice(0, count).flat())).toBeLessThan(1e-4);
        expect(maxDifference(features.slice(0, seen * dim), known.logits32.features.slice(0, seen).flat())).toBeLessThan(1e-4);
        const { losses } = readLogits(logits, labels.slice(0, count), 0);
        expect(maxDifference(losses, known.logits32.ce_per_sample.slice(0, count))).toBeLessThan(1e-4);
        tf.dispose([x, out.logits, ...out.taps]);
        network.dispose();
      });

      it('gives the reference gradient where no maxima are tied', async () => {
        const { known, labels, size, shape } = caseOf(name, few);
        const network = networkOf(await modelOf(referenceFiles(name)));
        const noisy = referenceArray(known.attacks.gaussian.test500.adv_first16).slice(0, size);
        const gradient = tf.tidy(() =>
          network.inputGradient(tf.tensor4d(noisy, [1, shape[1], shape[2], shape[3]]), tf.tensor1d([labels[0]]), crossEntropyGrad),
        );
        expect(maxDifference(await gradient.data(), known.logits32.ce_input_grad_gaussian_adv_sample0)).toBeLessThan(2e-6);
        gradient.dispose();
        network.dispose();
      });

      it.each([
        ['pgd_linf', 'linf', pgd10],
        ['targeted_linf', 'linf', targeted],
        ['pgd_l2', 'l2', pgd10],
      ] as const)('walks the way of %s on the first test images', async (trace, norm, attack) => {
        const { known, labels, pixels, size, shape } = caseOf(name, few);
        const network = networkOf(await modelOf(referenceFiles(name)));
        const { classifier, logits } = recording(network);
        const board = BOARDS.get(`${datasetOf(name)}/${norm}`) as Board;
        const [walkers, steps] = few ? [1, 4] : [backend === 'cpu' ? 4 : 8, board.steps];
        const x0 = tf.tensor4d(pixels.slice(0, walkers * size), [walkers, shape[1], shape[2], shape[3]]);
        const batch: AttackBatch = {
          x0,
          labels: Int32Array.from(labels.slice(0, walkers)),
          samples: Int32Array.from({ length: walkers }, (_, n) => n),
          split: 'test',
        };
        const { x, startGradient } = attack.run(classifier, batch, { ...board, steps, norm: NORMS[norm], seed: 20231107 }, 0);
        logits.push(network.logits(x));
        const goal = trace === 'targeted_linf' ? batch.labels.map((y) => (y + 1) % 10) : batch.labels;
        const walked = await Promise.all(logits.map(async (t) => readLogits((await t.data()) as Float32Array, goal, 0).losses));
        const expected = known.traces8[trace].ce_per_forward;
        expect(walked).toHaveLength(steps + 1);
        walked.forEach((losses, i) => {
          losses.forEach((loss, n) => {
            // Adversarially trained: no saturation, the ways stay together but for a sign at a tie. Standard: softmax
            // rounded to 1 parts them slowly; targeted ones for good once the target is certain.
            const error = Math.abs(loss - expected[i][n]);
            if (name === 'fmnist_at') expect(error, `forward ${i}, sample ${n}`).toBeLessThan(1e-3);
            else if (i < 2) expect(error, `forward ${i}, sample ${n}`).toBeLessThan(2e-4 * Math.max(1, expected[i][n]));
            else if (trace !== 'targeted_linf') expect(error, `forward ${i}, sample ${n}`).toBeLessThan(0.05 * Math.max(1, expected[i][n]));
          });
        });
        tf.dispose([x0, x, ...logits, ...(startGradient ? [startGradient] : [])]);
        network.dispose();
      });
    });
  });
});
