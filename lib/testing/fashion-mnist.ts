/** The first test images of Fashion-MNIST from DATASETS_DIR, for tests on the reference models; absent where it is not set. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DATASETS } from '../data/datasets';
import { decodeIdxImages, decodeIdxLabels } from '../data/idx';
import { findFiles } from '../data/unpack';
import type { Model } from '../model/preflight';
import { modelOf, testModelFiles } from './small-evaluation';

const dataset = DATASETS['fashion-mnist'];
const directory = process.env.DATASETS_DIR ?? '';
const files = directory ? findFiles(dataset, directory).filter((f) => f.includes('t10k')) : [];

export const hasFashionMnist = files.length === 2;

/** `count` images as float32 in [0, 1], and their labels. */
export async function fashionMnistTest(count: number): Promise<{ pixels: Float32Array; labels: Int32Array }> {
  const bytes = async (kind: string) => {
    const file = path.join(directory, files.find((f) => f.includes(kind)) as string);
    return file.endsWith('.gz') ? gunzipSync(await readFile(file)) : readFile(file);
  };
  const images = decodeIdxImages(await bytes('images'), 't10k-images', dataset.shape).subarray(0, count * 784);
  const labels = decodeIdxLabels(await bytes('labels'), 't10k-labels', dataset.classNames.length).subarray(0, count);
  return { pixels: Float32Array.from(images, (b) => b / 255), labels: Int32Array.from(labels) };
}

export function referenceModel(name: 'fmnist_st' | 'fmnist_at'): Promise<Model> {
  return modelOf(testModelFiles(name));
}
