/** What tests of runners in Chromium share: processes that belong to a folder, and a model that a software GPU can manage. */
import { readdirSync, readFileSync } from 'node:fs';
import { dense, modelFiles, plain, sequential } from '../../lib/testing/keras-model';

/** Few layers, so few programs for the GPU's compiler, which takes most of the time on a software one. */
export const smallModel = () =>
  modelFiles(
    sequential(
      [28, 28, 1],
      [
        plain('AveragePooling2D', 'pool', { pool_size: [4, 4], strides: [4, 4], padding: 'valid', data_format: 'channels_last' }),
        plain('Flatten', 'flat'),
        dense('logits', [49, 10]),
      ],
    ),
  );

export interface Seen {
  pid: number;
  command: string;
}

const wordsOf = (pid: string | number, file: 'cmdline' | 'environ') => readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');

export const environmentOf = (pid: number): string => wordsOf(pid, 'environ');

/** Chromiums whose profile is below this folder, with their processes: the browser itself, without `--type`, and all that it started. */
export function chromiumsOf(folder: string): Seen[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]);
        return [{ pid: Number(name), parent, command: wordsOf(name, 'cmdline') }];
      } catch {
        return []; // it has ended meanwhile
      }
    });
  const found = all.filter(({ command }) => command.includes(`--user-data-dir=${folder}`));
  for (const { pid } of found) found.push(...all.filter((p) => p.parent === pid && !found.includes(p)));
  return found.filter(({ command }) => command !== '');
}
