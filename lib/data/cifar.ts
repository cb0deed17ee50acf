/** CIFAR-10 binary batches: records of one label byte and 3072 bytes, three 32×32 planes R, G, B, row-major. */
import { Failure } from '../failure';
import type { Records } from './datasets';

const PLANE = 32 * 32;
const RECORD = 1 + 3 * PLANE;

/** A batch file → uint8 NHWC images and labels. */
export function decodeCifar10(bytes: Uint8Array, file: string): Records {
  if (bytes.length === 0) throw new Failure('data-damaged', `${file} holds no records`);
  if (bytes.length % RECORD !== 0) {
    throw new Failure('data-damaged', `${file} is ${bytes.length} bytes long, a multiple of ${RECORD} expected`);
  }
  const count = bytes.length / RECORD;
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const at = n * RECORD;
    labels[n] = bytes[at];
    if (labels[n] > 9) throw new Failure('data-damaged', `${file} holds label ${labels[n]} at record ${n}, at most 9 expected`);
    const out = n * 3 * PLANE;
    for (let p = 0; p < PLANE; p++) {
      images[out + 3 * p] = bytes[at + 1 + p];
      images[out + 3 * p + 1] = bytes[at + 1 + PLANE + p];
      images[out + 3 * p + 2] = bytes[at + 1 + 2 * PLANE + p];
    }
  }
  return { images, labels };
}
