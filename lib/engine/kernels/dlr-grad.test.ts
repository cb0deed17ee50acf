import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import units from '../../testing/fixtures/units.json';
import { differenceGrad, dlrGrad, dlrTargetedGrad } from './dlr-grad';

const { logits, y, y_target: targets, dlr_grad: dlr, dlr_targeted_grad: dlrTargeted } = units.losses;

onEachBackend('gradients of the scale-free losses', () => {
  const gradient = async (loss: typeof dlrTargetedGrad, z: number[][], labels: number[], aims: number[]) => {
    const tensors = [tf.tensor2d(z), tf.tensor1d(labels, 'float32'), tf.tensor1d(aims, 'float32')] as const;
    const g = loss(...tensors);
    const values = (await g.data()) as Float32Array;
    tf.dispose([...tensors, g]);
    return values;
  };

  // The fixture's fourth row has two equal largest logits: there torch and we order them differently, and both are right.
  const untied = (_: number, i: number) => Math.floor(i / 10) !== 3;

  it('agree with the reference values of DLR and targeted DLR', async () => {
    const actual = await gradient(dlrGrad, logits, y, targets);
    expect(maxDifference(actual.filter(untied), dlr.flat().filter(untied))).toBeLessThan(1e-5);
    const aimed = await gradient(dlrTargetedGrad, logits, y, targets);
    expect(maxDifference(aimed.filter(untied), dlrTargeted.flat().filter(untied))).toBeLessThan(1e-5);
  });

  it('do not depend on the scale of the logits but for its inverse', async () => {
    const scaled = await gradient(
      dlrTargetedGrad,
      logits.map((z) => z.map((v) => v * 64)),
      y,
      targets,
    );
    expect(
      maxDifference(
        scaled.map((g) => g * 64),
        await gradient(dlrTargetedGrad, logits, y, targets),
      ),
    ).toBeLessThan(1e-5);
  });

  it('the difference is one at the target and minus one at the label', async () => {
    expect([
      ...(await gradient(
        differenceGrad,
        [
          [5, 1, 2],
          [0, 0, 0],
        ],
        [0, 2],
        [2, 0],
      )),
    ]).toEqual([-1, 0, 1, 1, 0, -1]);
    expect([...(await gradient(differenceGrad, [[5, 1, 2]], [1], [1]))]).toEqual([0, 0, 0]);
  });

  it('three equal logits give numbers, and NaN comes through', async () => {
    expect((await gradient(dlrGrad, [[1, 1, 1, 0]], [0], [1])).every(Number.isFinite)).toBe(true);
    for (const loss of [dlrGrad, dlrTargetedGrad, differenceGrad])
      expect([...(await gradient(loss, [[1, Number.NaN, 2, 0, 3]], [0], [1]))].some(Number.isNaN)).toBe(true);
  });
});
