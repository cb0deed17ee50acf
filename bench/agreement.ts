/**
 * What τ and the bands of agreement rest on: the same models, images and seed on engines that round differently. Written to
 * bench/agreement.json, which is part of the repository; `--only agreement`.
 */
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { BUNDLED_MODELS } from '../lib/bundled-models';
import { DATASETS, imageBytes, type Records } from '../lib/data/datasets';
import { openDataset } from '../lib/data/node-source';
import { BOARDS, type Board } from '../lib/protocol/boards';
import { evaluate } from '../lib/protocol/evaluate';
import { leadsOf } from '../lib/protocol/judge';
import { referenceOutcome } from '../lib/protocol/reference-check';
import type { Report } from '../lib/protocol/report';
import { bundledFiles, modelOf, requestFor, worldWith } from '../lib/testing/small-evaluation';
import { openLaboratory } from '../workers/node/laboratory';

const SAMPLES = 300;
const TRAIN_SAMPLES = 300;
const BATCH = 50;
const SEED = 20231107;
const TAUS = [1e-5, 1e-4, 1e-3, 1e-2];
const FILE = path.resolve(import.meta.dirname, 'agreement.json');

interface Measured {
  report: Report;
  leads: number[];
  predicted: number[];
}

async function measure(id: string, board: Board, backend: 'wasm' | 'cpu'): Promise<Measured> {
  const dataset = DATASETS[board.dataset];
  const files = bundledFiles(id);
  const { DATASETS_DIR: directory, DATA_DIR: cache = path.join(os.homedir(), '.cache/simplexity') } = process.env;
  const data = await openDataset({ dataset, cache, log: () => undefined, ...(directory ? { directory } : {}) });
  const settings = { board, seed: SEED, restarts: 1 };
  const laboratory = await openLaboratory({ backend, units: 2 * (SAMPLES / BATCH), files, settings }, () => undefined);
  try {
    const size = { samples: SAMPLES, trainSamples: TRAIN_SAMPLES, batch: BATCH, seed: SEED, board };
    const report = await evaluate(requestFor(await modelOf(files), size), worldWith(laboratory, data));
    const leads: Awaited<ReturnType<typeof leadsOf>> = [];
    for (let first = 0; first < SAMPLES; first += BATCH) {
      const records: Records = await data.read('test', first, BATCH);
      leads.push(...(await leadsOf(laboratory, records, new Int16Array(BATCH * imageBytes(dataset)))));
    }
    return { report, leads: leads.map((l) => l.lead), predicted: leads.map((l) => l.predicted) };
  } finally {
    await laboratory.close();
    await data.close();
  }
}

/** wasm against cpu: other kernels, another order of summing. */
async function compare(id: string, board: Board) {
  const [a, b] = [await measure(id, board, 'wasm'), await measure(id, board, 'cpu')];
  const apart = a.leads.map((lead, n) => Math.abs(lead - b.leads[n])).sort((x, y) => x - y);
  const { outcomes, flips, cleanCollapse, otherCollapse, beyond } = referenceOutcome(a.report, b.report);
  return {
    ...{ model: id, board: board.id, samples: SAMPLES, trainSamples: TRAIN_SAMPLES },
    leadsApart: { median: apart[SAMPLES / 2], largest: apart[SAMPLES - 1] },
    ambiguous: Object.fromEntries(TAUS.map((tau) => [tau.toExponential(0), a.leads.filter((lead) => Math.abs(lead) < tau).length])),
    predictionsApart: a.predicted.filter((p, n) => p !== b.predicted[n]).length,
    ...{ outcomes, flips, cleanCollapse, otherCollapse, beyond },
  };
}

export async function agreementBench(): Promise<void> {
  console.log(`\nagreement of wasm and cpu, ${SAMPLES} test and ${TRAIN_SAMPLES} training images, seed ${SEED}`);
  const rows = [];
  for (const { id, dataset } of BUNDLED_MODELS)
    for (const board of [...BOARDS.values()].filter((one) => one.dataset === dataset)) {
      const row = await compare(id, board);
      rows.push(row);
      const { leadsApart, ambiguous, predictionsApart, outcomes, flips, cleanCollapse, otherCollapse } = row;
      console.log(
        `  ${id} on ${board.id}: leads apart ${leadsApart.largest.toExponential(1)} at most (median ${leadsApart.median.toExponential(1)}); ` +
          `ambiguous at τ ${Object.entries(ambiguous)
            .map(([tau, n]) => `${tau}: ${n}`)
            .join(', ')}; predictions apart ${predictionsApart}; ` +
          `attacked outcomes apart ${flips} of ${outcomes}; collapse apart ${cleanCollapse?.toExponential(1)} clean, ${otherCollapse?.toExponential(1)} else`,
      );
    }
  const all = rows.reduce((n, row) => n + row.outcomes, 0);
  const apart = rows.reduce((n, row) => n + row.flips, 0);
  console.log(`  flip rate: ${apart} of ${all}`);
  await writeFile(FILE, `${JSON.stringify({ engines: ['wasm', 'cpu'], seed: SEED, rows, flips: apart, outcomes: all }, null, 2)}\n`);
}
