/** Where a window stands on an image: padding and output size along both axes. */
import type { Pads, Pair } from './graph';

export interface Window {
  /** height, width of the image */
  size: Pair;
  window: Pair;
  strides: Pair;
  dilations: Pair;
  /** TensorFlow's rule for `same`: odd padding has its extra row at the bottom. */
  padding: 'same' | 'valid' | Pads;
}
export interface Placed {
  outH: number;
  outW: number;
  pads: Pads;
}

export function placeWindow({ size, window, strides, dilations, padding }: Window, refuse: (message: string) => never): Placed {
  const axis = (i: 0 | 1) => {
    const reach = (window[i] - 1) * dilations[i] + 1;
    if (padding === 'same') {
      const out = Math.ceil(size[i] / strides[i]);
      const pad = Math.max(0, (out - 1) * strides[i] + reach - size[i]);
      return { out, before: Math.floor(pad / 2), after: pad - Math.floor(pad / 2) };
    }
    const [before, after] = padding === 'valid' ? [0, 0] : padding.slice(2 * i, 2 * i + 2);
    const out = Math.floor((size[i] + before + after - reach) / strides[i]) + 1;
    if (out < 1) refuse(`a window of ${window[0]}×${window[1]} does not fit into ${size[0]}×${size[1]}`);
    return { out, before, after };
  };
  const [rows, cols] = [axis(0), axis(1)];
  return { outH: rows.out, outW: cols.out, pads: [rows.before, rows.after, cols.before, cols.after] };
}
