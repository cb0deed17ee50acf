/**
 * Collapse of CNN-4 by standard training on few glyphs, with the commands that README and docs name: when every training image
 * is right for the first time, NC1 and NC4 of those images at the end, and how long it took.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

interface Epoch {
  epoch: number;
  accuracy: number;
  collapse?: { clean: { accuracy: number; nc1: number; nc4: number } };
}

/** The shorter run, and one that goes on; see README, “Train one”. */
const RUNS = [
  { images: 1000, own: ['--epochs', '40', '--measure-every', '10'] },
  { images: 500, own: ['--epochs', '400', '--measure-every', '50'] },
];
const COMMON = '--board glyphs/linf --mode st --batch 32 --weight-decay 0.005 --seed 20231107 --backend wasm';

export async function glyphsBench(): Promise<void> {
  console.log('\nCNN-4 by standard training on glyphs, collapse of those images');
  for (const { images, own } of RUNS) {
    const out = mkdtempSync(path.join(os.tmpdir(), 'simplexity-glyphs-'));
    try {
      const started = performance.now();
      const sizes = ['--train-samples', String(images), '--measure', String(images)];
      const args = ['scripts/run.mjs', 'workers/cli/train.ts', ...COMMON.split(' '), ...sizes, ...own, '--quiet', '--out', out];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const [stdout, code] = await Promise.all([text(child.stdout), new Promise((resolve) => child.on('close', resolve))]);
      if (code !== 0) throw new Error(`train ended with ${code}`);
      const seconds = (performance.now() - started) / 1000;
      const { history } = JSON.parse(stdout) as { history: Epoch[] };
      const first = history.find(({ accuracy }) => accuracy === 1)?.epoch;
      const clean = history.at(-1)?.collapse?.clean;
      const all =
        first === undefined ? 'never every image of an epoch right' : `every image of an epoch right for the first time in epoch ${first}`;
      console.log(
        `  ${images} images, ${own.join(' ')}: ${all}; at the end accuracy ${clean?.accuracy}, NC1 ${clean?.nc1.toFixed(3)}, NC4 ${clean?.nc4}; ${seconds.toFixed(0)} s`,
      );
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  }
}
