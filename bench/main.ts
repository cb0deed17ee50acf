/**
 * `npm run bench`: the figures that the project promises, measured. Ratios are taken in one run, alternating, medians;
 * nothing here is a test. `--only throughput|level|collapse` runs a part.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ClassStats, classMeans } from '../lib/collapse/class-stats';
import { nc1 } from '../lib/collapse/nc';
import { meansSpan } from '../lib/collapse/span';
import { addWithin, nearestMeans, withinSums } from '../lib/collapse/within-class';
import { BOARDS, type Board } from '../lib/protocol/boards';
import { median, openRate } from './rate';
import { findTorch, torchRate } from './torch';

const ROUNDS = 5;
const BATCH = 100;

function models(): { name: string; folder: string; board: Board }[] {
  const reference = process.env.SIMPLEXITY_REFERENCE;
  const board = (id: string) => BOARDS.get(id) as Board;
  return [
    { name: 'fmnist_st', folder: 'public/models/fmnist_st', board: board('fashion-mnist/linf') },
    { name: 'fmnist_at', folder: 'public/models/fmnist_at', board: board('fashion-mnist/linf') },
    ...(reference ? [{ name: 'cifar_st', folder: path.join(reference, 'models/cifar_st'), board: board('cifar-10/linf') }] : []),
  ].filter((m) => existsSync(m.folder));
}

async function throughput(): Promise<void> {
  const python = await findTorch();
  const cores = os.availableParallelism();
  console.log(`\nthroughput, image-steps/s (wasm, batch ${BATCH}, ${ROUNDS} alternating rounds, medians)`);
  if (!python) console.log('  PyTorch was not found (Debian: apt-get install python3-torch); only our own figures');
  for (const { name, folder, board } of models()) {
    const one: number[] = [];
    const all: number[] = [];
    const torch: number[] = [];
    const single = await openRate(folder, board, 1, BATCH);
    const pool = await openRate(folder, board, cores, BATCH);
    for (let i = 0; i < ROUNDS; i++) {
      one.push(await single.round());
      all.push(await pool.round());
      if (python) torch.push((await torchRate(python, folder, BATCH, 9)).stepsPerSecond);
    }
    await single.close();
    await pool.close();
    const against = (ours: number[]) => (python ? ` = ${median(ours.map((v, i) => v / torch[i])).toFixed(2)} × PyTorch` : '');
    console.log(
      `  ${name.padEnd(10)} one worker ${median(one).toFixed(0)}${against(one)}, ${cores} workers ${median(all).toFixed(0)}${against(all)}${python ? `, PyTorch ${median(torch).toFixed(0)}` : ''}`,
    );
  }
}

/** Runs the command line as a newcomer would; time and the peak of its resident memory. */
async function level(): Promise<void> {
  const out = path.join(os.tmpdir(), `simplexity-bench-${process.pid}.json`);
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      'workers/cli/evaluate.ts',
      '--model',
      'public/models/fmnist_st',
      '--board',
      'fashion-mnist/linf',
      '--backend',
      'wasm',
      '--quiet',
      '--out',
      out,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  let peakKb = 0;
  const watch = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (text) => {
        peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0));
      },
      () => undefined, // ended, or not Linux
    );
  }, 100);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(watch);
  await rm(out, { force: true });
  const seconds = (performance.now() - start) / 1000;
  console.log('\nlevel pgd, fmnist_st, 500 test + 2 000 training images, wasm');
  console.log(
    `  ${seconds.toFixed(1)} s (goal 60), peak memory ${peakKb ? `${(peakKb / 1024).toFixed(0)} MB` : 'not known here'} (goal 1 000), exit ${code}`,
  );
}

function collapse(): void {
  const [classes, dim, samples] = [10, 12544, 2000];
  const rows = new Float32Array(samples * dim);
  for (let i = 0; i < rows.length; i++) rows[i] = ((i * 2654435761) >>> 8) / 2 ** 24 + (i % dim === Math.floor(i / dim) % classes ? 1 : 0);
  const labels = Uint8Array.from({ length: samples }, (_, n) => n % classes);
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const stats = new ClassStats(classes, dim);
  stats.add(rows, labels);
  const means = classMeans(stats);
  const span = meansSpan(means);
  const within = withinSums(span.rank);
  addWithin(within, rows, labels, means, span);
  nearestMeans(rows, samples, means);
  const value = nc1(span, within, classes);
  const ms = performance.now() - start;
  const { rss } = process.memoryUsage();
  console.log(`\ncollapse of a ${dim}-unit layer, ${samples} samples`);
  console.log(
    `  ${(ms / 1000).toFixed(2)} s (goal 2), ${(rows.byteLength / 1e6).toFixed(0)} MB of features + ${((rss - before) / 1e6).toFixed(0)} MB (goal 500 in all), NC1 ${value?.toFixed(1)}`,
  );
}

const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log(
    'npm run bench [-- --only throughput|level|collapse]\nPyTorch is compared with where PYTHON, python3 or /usr/bin/python3 has it. SIMPLEXITY_REFERENCE adds cifar_st.',
  );
} else {
  const parts = { throughput, level, collapse };
  console.log(`${os.cpus()[0]?.model}, ${os.availableParallelism()} threads, node ${process.version}`);
  for (const [name, part] of Object.entries(parts)) if (!values.only || values.only === name) await part();
}
process.exit(0);
