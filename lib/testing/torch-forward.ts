/** PyTorch's layers by plain loops in float64, one image [channels, height, width], under the names of a state_dict. */
import type { Tensor } from '../known/safetensors';

export interface Planes {
  shape: readonly [channels: number, height: number, width: number];
  data: Float64Array;
}

/** Sums or maxima over k×k windows; cells outside of the image are passed over. */
function overWindows(
  { shape: [, height, width] }: Planes,
  { window, stride, padding }: { window: number; stride: number; padding: number },
  visit: (out: number, cell: number, tap: number) => void,
): [height: number, width: number] {
  const size = (n: number) => Math.floor((n + 2 * padding - window) / stride) + 1;
  const [h, w] = [size(height), size(width)];
  for (let out = 0; out < h * w; out++) {
    for (let tap = 0; tap < window * window; tap++) {
      const y = Math.floor(out / w) * stride - padding + Math.floor(tap / window);
      const x = (out % w) * stride - padding + (tap % window);
      if (y >= 0 && y < height && x >= 0 && x < width) visit(out, y * width + x, tap);
    }
  }
  return [h, w];
}

export class TorchForward {
  constructor(private readonly tensors: ReadonlyMap<string, Tensor>) {}

  has = (name: string): boolean => this.tensors.has(name);

  private weight(name: string): Tensor & { values: Float32Array } {
    const tensor = this.tensors.get(name) as Tensor;
    return { ...tensor, values: tensor.floats() as Float32Array };
  }

  conv(x: Planes, name: string, stride: number, padding: number): Planes {
    const { shape, values } = this.weight(`${name}.weight`);
    const [filters, channels, window] = shape;
    const bias = this.has(`${name}.bias`) ? this.weight(`${name}.bias`).values : undefined;
    const [taps, plane] = [window * window, x.shape[1] * x.shape[2]];
    const cells: [out: number, cell: number, tap: number][] = [];
    const [h, w] = overWindows(x, { window, stride, padding }, (...at) => cells.push(at));
    const data = new Float64Array(filters * h * w);
    for (let f = 0; f < filters; f++) {
      if (bias) data.fill(bias[f], f * h * w, (f + 1) * h * w);
      for (let c = 0; c < channels; c++)
        for (const [out, cell, tap] of cells) data[f * h * w + out] += x.data[c * plane + cell] * values[(f * channels + c) * taps + tap];
    }
    return { shape: [filters, h, w], data };
  }

  norm(x: Planes, name: string): Planes {
    const of = (part: string) => this.weight(`${name}.${part}`).values;
    const [scale, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(of);
    const plane = x.shape[1] * x.shape[2];
    const data = x.data.map((v, i) => {
      const c = Math.floor(i / plane);
      return ((v - mean[c]) / Math.sqrt(variance[c] + 1e-5)) * scale[c] + shift[c];
    });
    return { shape: x.shape, data };
  }

  linear(x: Float64Array, name: string): Float64Array {
    const { values } = this.weight(`${name}.weight`);
    return Float64Array.from(this.weight(`${name}.bias`).values, (b, o) => x.reduce((sum, v, i) => sum + v * values[o * x.length + i], b));
  }
}

export const relu = (x: Planes): Planes => ({ shape: x.shape, data: x.data.map((v) => Math.max(0, v)) });

export const add = (a: Planes, b: Planes): Planes => ({ shape: a.shape, data: a.data.map((v, i) => v + b.data[i]) });

export function maxPool(x: Planes, window: number, stride = window, padding = 0): Planes {
  const [channels, plane] = [x.shape[0], x.shape[1] * x.shape[2]];
  const maxima: number[] = [];
  let size: [number, number] = [0, 0];
  for (let c = 0; c < channels; c++) {
    const own: number[] = [];
    size = overWindows(x, { window, stride, padding }, (out, cell) => {
      own[out] = Math.max(own[out] ?? Number.NEGATIVE_INFINITY, x.data[c * plane + cell]);
    });
    maxima.push(...own);
  }
  return { shape: [channels, ...size], data: Float64Array.from(maxima) };
}

export function mean({ shape: [channels, height, width], data }: Planes): Float64Array {
  const plane = height * width;
  return Float64Array.from({ length: channels }, (_, c) => data.subarray(c * plane, (c + 1) * plane).reduce((a, b) => a + b, 0) / plane);
}
