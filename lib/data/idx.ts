/** The idx format of MNIST-like data: big-endian magic 0x0000080n (uint8, n dimensions), sizes, then bytes row-major. */
import { Failure } from '../failure';

function header(bytes: Uint8Array, file: string, dimensions: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 + 4 * dimensions || view.getUint32(0) !== 0x800 + dimensions) {
    throw new Failure('data-damaged', `${file} is not an idx file of bytes with ${dimensions} dimension(s)`);
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const need = sizes.reduce((a, b) => a * b, 1);
  const have = bytes.length - 4 - 4 * dimensions;
  if (have !== need) throw new Failure('data-damaged', `${file} holds ${have} bytes of data, its header promises ${need}`);
  if (sizes[0] === 0) throw new Failure('data-damaged', `${file} holds no records`);
  return sizes;
}

/** idx3 → [count, rows, cols] bytes. */
export function decodeIdxImages(bytes: Uint8Array, file: string, shape: readonly [number, number, number]): Uint8Array {
  const [, rows, cols] = header(bytes, file, 3);
  if (rows !== shape[0] || cols !== shape[1])
    throw new Failure('data-damaged', `${file} holds images of ${rows}×${cols}, ${shape[0]}×${shape[1]} expected`);
  return bytes.subarray(16);
}

/** idx1 → labels below `classes`. */
export function decodeIdxLabels(bytes: Uint8Array, file: string, classes: number): Uint8Array {
  header(bytes, file, 1);
  const labels = bytes.subarray(8);
  const bad = labels.findIndex((y) => y >= classes);
  if (bad >= 0) throw new Failure('data-damaged', `${file} holds label ${labels[bad]} at record ${bad}, at most ${classes - 1} expected`);
  return labels;
}
