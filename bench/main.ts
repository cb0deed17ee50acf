/**
 * `npm run bench`: the figures that the project promises, measured. Ratios are taken in one run, alternating, medians;
 * nothing here is a test. `--only throughput|level|collapse|training|glyphs|autoattack|small-radii|board|page|load|queue|queue-route|agreement|spot-check` runs a part.
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
import { readModel } from '../lib/model/preflight';
import { BOARDS, type Board } from '../lib/protocol/boards';
import { readModelFiles } from '../workers/node/model-files';
import { findTorch } from '../workers/testing/torch';
import { agreementBench as agreement } from './agreement';
import { autoAttackBench, smallRadiiBench } from './autoattack';
import { boardBench as board } from './board';
import { glyphsBench as glyphs } from './glyphs';
import { loadBench as load } from './load';
import { matmulGflops } from './matmul';
import { pageBench as page } from './page';
import { queueBench } from './queue';
import { queueRouteBench } from './queue-route';
import { median, openRate } from './rate';
import { spotCheckBench } from './spot-check';
import { torchRate } from './torch';
import { trainingBench as training } from './training';

const ROUNDS = 5;
const BATCH = 100;

function models(): { name: string; folder: string; board: Board }[] {
  const reference = process.env.SIMPLEXITY_REFERENCE;
  const boardOf = (id: string) => BOARDS.get(id) as Board;
  return [
    { name: 'fmnist_st', folder: 'lib/testing/models/fmnist_st', board: boardOf('fashion-mnist/linf') },
    { name: 'fmnist_at', folder: 'lib/testing/models/fmnist_at', board: boardOf('fashion-mnist/linf') },
    ...(reference ? [{ name: 'cifar_st', folder: path.join(reference, 'models/cifar_st'), board: boardOf('cifar-10/linf') }] : []),
  ].filter((m) => existsSync(m.folder));
}

async function throughput(): Promise<void> {
  const python = await findTorch();
  const cores = os.availableParallelism();
  console.log(`\nthroughput, image-steps/s (wasm, batch ${BATCH}, ${ROUNDS} alternating rounds, medians)`);
  if (!python) console.log('  PyTorch was not found (Debian: apt-get install python3-torch); only our own figures');
  const yardstick = await matmulGflops();
  console.log(`  a 768×768 matrix product on one wasm engine: ${yardstick.toFixed(1)} GFLOP/s`);
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
    const model = await readModel(await readModelFiles(folder));
    if (!model.ok) throw new Error(model.reasons.join('; '));
    const { macs } = model.value;
    // A step is a forward and a backward pass of about as many multiply–accumulates.
    const gflops = (steps: number) => (4 * macs * steps) / 1e9;
    const line = (label: string, ours: number[], goal: number) => {
      const ratio = python ? `, ${median(ours.map((v, i) => v / torch[i])).toFixed(2)} × PyTorch (goal ${goal})` : '';
      const share = ((100 * gflops(median(ours))) / yardstick).toFixed(0);
      console.log(
        `  ${label.padEnd(24)} ${median(ours).toFixed(0)}${ratio}, ${gflops(median(ours)).toFixed(1)} GFLOP/s = ${share} % of one matmul`,
      );
    };
    line(`${name}, one worker`, one, 0.3);
    line(`${name}, ${cores} workers`, all, 0.6);
    if (python) console.log(`  ${`${name}, PyTorch`.padEnd(24)} ${median(torch).toFixed(0)}`);
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
      'lib/testing/models/fmnist_st',
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
  // The peak so far, which includes the features themselves.
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`\ncollapse of a ${dim}-unit layer, ${samples} samples`);
  console.log(
    `  ${(ms / 1000).toFixed(2)} s (goal 2), peak memory of this process ${peak.toFixed(0)} MB (goal 500), NC1 ${value?.toFixed(1)}`,
  );
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, images: { type: 'string', default: '50' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log(
    'npm run bench [-- --only throughput|level|collapse|training|glyphs|autoattack|small-radii|board|page|load|queue|queue-route|agreement|spot-check] [--images 50]\nPyTorch is compared with where PYTHON, python3 or /usr/bin/python3 has it. SIMPLEXITY_REFERENCE adds cifar_st.',
  );
} else {
  // Collapse comes first: its peak memory must not be that of another part.
  const autoattack = () => autoAttackBench(Number(values.images));
  const smallRadii = () => smallRadiiBench(Number(values.images));
  const parts = {
    collapse,
    level,
    throughput,
    training,
    glyphs,
    autoattack,
    'small-radii': smallRadii,
    board,
    page,
    load,
    queue: queueBench,
    'queue-route': queueRouteBench,
    agreement,
    'spot-check': spotCheckBench,
  };
  console.log(`${os.cpus()[0]?.model}, ${os.availableParallelism()} threads, node ${process.version}`);
  for (const [name, part] of Object.entries(parts)) if (!values.only || values.only === name) await part();
}
process.exit(0);
