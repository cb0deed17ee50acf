/** Tiny data sets in the original file formats, for the tests of lib/data. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { DATASETS, type Dataset, type Records } from '../data/datasets';
import type { OfficialFile } from '../data/official';
import { bits, type Split } from '../random';

export const FASHION: Dataset = DATASETS['fashion-mnist'];
export const CIFAR: Dataset = DATASETS['cifar-10'];
export const CIFAR_100: Dataset = DATASETS['cifar-100'];

/** Random bytes, sample n of class n mod 10. */
export function randomRecords(dataset: Dataset, count: number, split: Split, seed = 1): Records {
  const size = dataset.shape.reduce((a, b) => a * b, 1);
  const images = new Uint8Array(count * size);
  for (let n = 0; n < count; n++) images.set(bits({ seed, tag: 960, sample: n, split }, size), n * size);
  return { images, labels: Uint8Array.from({ length: count }, (_, n) => n % 10) };
}

export const recordsDigest = ({ images, labels }: Records) => createHash('sha256').update(images).update(labels).digest('hex');

/** Magic 0x0000080n, sizes, bytes. */
export function idx(sizes: number[], data: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + 4 * sizes.length + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, 0x800 + sizes.length);
  sizes.forEach((s, i) => {
    view.setUint32(4 + 4 * i, s);
  });
  out.set(data, 4 + 4 * sizes.length);
  return out;
}

/** The four files of a Fashion-MNIST of that many records; returns their relative paths and bytes. */
export function fashionFiles(splits: Partial<Record<Split, Records>>, gz = true): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [split, { images, labels }] of Object.entries(splits)) {
    const prefix = `fashion-mnist/${split === 'train' ? 'train' : 't10k'}`;
    const put = (name: string, bytes: Uint8Array) => files.set(`${name}${gz ? '.gz' : ''}`, gz ? gzipSync(bytes) : bytes);
    put(`${prefix}-images-idx3-ubyte`, idx([labels.length, 28, 28], images));
    put(`${prefix}-labels-idx1-ubyte`, idx([labels.length], labels));
  }
  return files;
}

/** A file of CIFAR: label byte (with `coarse`, CIFAR-100's: the coarse one before it), then the planes R, G, B. */
export function cifarBatch({ images, labels }: Records, coarse?: ArrayLike<number>): Uint8Array {
  const head = coarse ? 2 : 1;
  const out = new Uint8Array(labels.length * (head + 3072));
  for (let n = 0; n < labels.length; n++) {
    const at = n * (head + 3072);
    if (coarse) out[at] = coarse[n];
    out[at + head - 1] = labels[n];
    for (let p = 0; p < 1024; p++) for (let c = 0; c < 3; c++) out[at + head + c * 1024 + p] = images[n * 3072 + p * 3 + c];
  }
  return out;
}

export async function tarGz(entries: Map<string, Uint8Array>): Promise<Uint8Array> {
  const pack = tar.pack();
  for (const [name, bytes] of entries) pack.entry({ name }, Buffer.from(bytes));
  pack.finalize();
  const parts: Buffer[] = [];
  for await (const part of pack) parts.push(part as Buffer);
  return gzipSync(Buffer.concat(parts));
}

export function writeFiles(directory: string, files: Map<string, Uint8Array>): void {
  for (const [name, bytes] of files) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), bytes);
  }
}

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

export const sha256Sums = (files: Map<string, Uint8Array>) =>
  [...files].map(([name, bytes]) => `${digest('sha256', bytes)}  ${name}\n`).join('');

/** The files as if `base` published them. */
export const publishedAt = (base: string, files: Map<string, Uint8Array>): OfficialFile[] =>
  [...files].map(([name, bytes]) => ({ path: name, url: `${base}/${name}`, md5: digest('md5', bytes) }));

/** Every file below a folder, relative paths. */
export function tree(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => path.relative(folder, path.join(e.parentPath, e.name)))
    .sort();
}

export const readBytes = (...parts: string[]) => new Uint8Array(readFileSync(path.join(...parts)));
