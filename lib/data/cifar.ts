/**
 * CIFAR's binary files: records of label bytes and 3072 bytes, three 32×32 planes R, G, B, row-major. CIFAR-10 has one label
 * byte; CIFAR-100 has two, coarse (0 … 19) and fine (0 … 99), of which the fine one is the class.
 * https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { Failure } from '../failure';
import type { Records } from './datasets';

const PLANE = 32 * 32;

/** One name and number of classes for each label byte; the last byte is the class. */
type LabelBytes = readonly (readonly [name: string, classes: number])[];
export const CIFAR_10_LABELS: LabelBytes = [['label', 10]];
export const CIFAR_100_LABELS: LabelBytes = [
  ['coarse label', 20],
  ['fine label', 100],
];

export const cifarRecordBytes = (labelBytes: LabelBytes) => labelBytes.length + 3 * PLANE;

/** A file's bytes → uint8 NHWC images and labels. */
export function decodeCifar(bytes: Uint8Array, file: string, labelBytes: LabelBytes): Records {
  const record = cifarRecordBytes(labelBytes);
  if (bytes.length === 0) throw new Failure('data-damaged', `${file} holds no records`);
  if (bytes.length % record !== 0) {
    throw new Failure('data-damaged', `${file} is ${bytes.length} bytes long, a multiple of ${record} expected`);
  }
  const count = bytes.length / record;
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    labelBytes.forEach(([name, classes], i) => {
      const label = bytes[n * record + i];
      if (label >= classes)
        throw new Failure('data-damaged', `${file} holds ${name} ${label} at record ${n}, at most ${classes - 1} expected`);
      labels[n] = label;
    });
    const at = n * record + labelBytes.length;
    const out = n * 3 * PLANE;
    for (let p = 0; p < PLANE; p++) {
      images[out + 3 * p] = bytes[at + p];
      images[out + 3 * p + 1] = bytes[at + PLANE + p];
      images[out + 3 * p + 2] = bytes[at + 2 * PLANE + p];
    }
  }
  return { images, labels };
}
