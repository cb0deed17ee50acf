import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import { planConvGradient } from './conv-gradient';
import type { ConvGeometry, Pads, Pair } from './graph';

interface Case extends ConvGeometry {
  input: Pair;
  kernel: Pair;
  output: Pair;
}
const IN = 2;
const OUT = 3;

const outputOf = (input: Pair, kernel: Pair, { strides, dilations, pads }: ConvGeometry): Pair => {
  const axis = (i: 0 | 1) => Math.floor((input[i] + pads[2 * i] + pads[2 * i + 1] - ((kernel[i] - 1) * dilations[i] + 1)) / strides[i]) + 1;
  return [axis(0), axis(1)];
};

/** Sizes, kernels, strides, dilations and paddings in every combination that leaves an output. */
function* sweep(strides: Pair[], kernels: Pair[], dilationList: Pair[], padList: Pads[]): Generator<Case> {
  for (const stride of strides) {
    for (const kernel of kernels) {
      for (const dilations of dilationList) {
        for (const pads of padList) {
          for (const input of [
            [5, 6],
            [8, 7],
          ] as Pair[]) {
            const geometry = { strides: stride, dilations, pads };
            const output = outputOf(input, kernel, geometry);
            if (output[0] >= 1 && output[1] >= 1) yield { ...geometry, input, kernel, output };
          }
        }
      }
    }
  }
}

/** dx[s·o + d·k − p] += w[k]·dy[o], tap by tap in float64. */
function scattered(dy: Float32Array, w: Float32Array, { input, kernel, output, strides, dilations, pads }: Case): Float64Array {
  const dx = new Float64Array(input[0] * input[1] * IN);
  for (let oy = 0; oy < output[0]; oy++) {
    for (let ox = 0; ox < output[1]; ox++) {
      for (let ky = 0; ky < kernel[0]; ky++) {
        for (let kx = 0; kx < kernel[1]; kx++) {
          const y = oy * strides[0] + ky * dilations[0] - pads[0];
          const x = ox * strides[1] + kx * dilations[1] - pads[2];
          if (y < 0 || y >= input[0] || x < 0 || x >= input[1]) continue;
          for (let i = 0; i < IN; i++) {
            for (let o = 0; o < OUT; o++) {
              dx[(y * input[1] + x) * IN + i] += w[((ky * kernel[1] + kx) * IN + i) * OUT + o] * dy[(oy * output[1] + ox) * OUT + o];
            }
          }
        }
      }
    }
  }
  return dx;
}

const NO_PADS: Pads = [0, 0, 0, 0];
const ONE: Pair = [1, 1];
const KERNELS: Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 4],
];
const GROUPS: { title: string; cases: Case[] }[] = [
  {
    title: 'stride 1',
    cases: [...sweep([ONE], KERNELS, [ONE], [NO_PADS, [1, 1, 1, 1], [0, 1, 0, 2]])],
  },
  {
    title: 'strides 2 and 3',
    cases: [
      ...sweep(
        [
          [2, 2],
          [3, 3],
        ],
        KERNELS,
        [ONE],
        [NO_PADS, [1, 1, 1, 1], [0, 1, 0, 1], [2, 0, 1, 3]],
      ),
    ],
  },
  {
    title: 'dilation',
    cases: [
      ...sweep(
        [ONE],
        [[3, 3]],
        [
          [2, 2],
          [1, 2],
        ],
        [NO_PADS, [2, 2, 2, 2], [1, 3, 0, 1]],
      ),
    ],
  },
  {
    title: 'strides that differ between the axes',
    cases: [
      ...sweep(
        [
          [1, 2],
          [3, 2],
        ],
        [
          [3, 3],
          [1, 2],
        ],
        [ONE],
        [NO_PADS, [1, 1, 0, 1]],
      ),
    ],
  },
  {
    title: 'padding beyond the window, whose outputs reach no pixel',
    cases: [...sweep([ONE, [2, 2]], [ONE, [2, 2]], [ONE], [[3, 2, 2, 4]])],
  },
];

onEachBackend('the input gradient of a convolution', () => {
  it.each(GROUPS)('is the transposed sum for $title', async ({ cases }) => {
    expect(cases.length).toBeGreaterThan(3);
    for (const c of cases) {
      const shape = [...c.kernel, IN, OUT] as [number, number, number, number];
      const w = draw(shape[0] * shape[1] * IN * OUT, 1);
      const size = c.output[0] * c.output[1] * OUT;
      const images = [draw(size, 2), draw(size, 3)];
      const plan = planConvGradient({ shape, values: w }, c, [...c.input, IN], [...c.output, OUT]);
      const dy = tf.tensor4d(Float32Array.from(images.flatMap((d) => [...d])), [2, ...c.output, OUT]);
      const dx = plan.run(dy);
      const label = JSON.stringify(c);
      expect(dx.shape, label).toEqual([2, ...c.input, IN]);
      const expected = images.flatMap((d) => [...scattered(d, w, c)]);
      // At most 5·4·3 float32 products of size 1.
      expect(maxDifference(await dx.data(), expected), label).toBeLessThan(5e-6);
      tf.dispose([plan.kernel, dy, dx]);
    }
  });
});
