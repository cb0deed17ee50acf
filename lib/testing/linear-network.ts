/** A network whose logits are linear in the pixels, so that its best perturbations are known by hand. */
import type { ModelGraph } from '../model/graph';
import { Network } from '../model/network';

/** rows: one list of weights per class, over the flat NHWC image. */
export function linearNetwork(inputShape: [number, number, number], rows: readonly ArrayLike<number>[], scale = 1): Network {
  const size = rows[0].length;
  const values = new Float32Array(size * rows.length);
  rows.forEach((row, c) => {
    for (let i = 0; i < size; i++) values[i * rows.length + c] = row[i] * scale;
  });
  const graph: ModelGraph = {
    nodes: [
      { name: 'input', op: { kind: 'input' }, inputs: [], shape: inputShape },
      { name: 'flat', op: { kind: 'reshape' }, inputs: [0], shape: [size] },
      {
        name: 'logits',
        op: { kind: 'dense', kernel: { shape: [size, rows.length], values }, relu: false },
        inputs: [1],
        shape: [rows.length],
      },
    ],
    output: 2,
    lastDense: 2,
    notes: [],
    layers: 2,
    params: values.length,
  };
  return new Network(graph);
}
