/** Small Fashion-MNIST files and empty folders for them and for the cache, both gone after every test of a file. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { NodeSourceOptions } from '../data/node-source';
import { FASHION, fashionFiles, randomRecords } from './data-files';

export const test = randomRecords(FASHION, 7, 'test');
export const train = randomRecords(FASHION, 12, 'train');
export const files = fashionFiles({ test, train });

export function sourceFolders() {
  const root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-source-'));
  const [directory, cache] = [path.join(root, 'sets'), path.join(root, 'cache')];
  const said: string[] = [];
  beforeEach(() => {
    mkdirSync(root, { recursive: true });
    said.length = 0;
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const options = (changes: Partial<NodeSourceOptions> = {}): NodeSourceOptions => ({
    dataset: FASHION,
    directory,
    cache,
    log: (line) => said.push(line),
    offline: true,
    ...changes,
  });
  const unpackings = () => said.filter((line) => line.startsWith('unpacking'));
  return { root, directory, cache, said, options, unpackings };
}
