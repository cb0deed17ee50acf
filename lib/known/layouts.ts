/** PyTorch's order of a weight's numbers → tfjs'. */
import type { StoredTensor } from '../model/layers-files';
import type { Layout } from './architecture';

/** [out, in, height, width] → [height, width, in, out] */
function fromOihw([out, channels, height, width]: readonly number[], values: Float32Array): StoredTensor {
  const taps = height * width;
  const moved = new Float32Array(values.length);
  let from = 0;
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < channels; i++) for (let tap = 0; tap < taps; tap++) moved[(tap * channels + i) * out + o] = values[from++];
  }
  return { shape: [height, width, channels, out], values: moved };
}

export function laidOut(layout: Layout, shape: readonly number[], values: Float32Array): StoredTensor {
  if (layout === 'conv') return fromOihw(shape, values);
  if (layout === 'same') return { shape, values };
  const [out, features] = shape;
  return { shape: [features, out], values: fromOihw([out, features, 1, 1], values).values };
}
