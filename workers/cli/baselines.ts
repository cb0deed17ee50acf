/**
 * `npm run baselines`: measures the bundled models in full on every board of their data set and writes the reports to
 * db/baselines, from where a new site takes them. `npm run baselines -- MODEL BOARD` does one.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { BUNDLED_MODELS, baselineFile } from '../../lib/bundled-models';
import { DATASETS } from '../../lib/data/datasets';
import { BOARDS } from '../../lib/protocol/boards';

const ROOT = path.resolve(import.meta.dirname, '../..');

function evaluate(model: string, board: string, samples: number): Promise<number> {
  const out = path.join(ROOT, 'db/baselines', baselineFile(model, board));
  const script = [path.join(ROOT, 'scripts/run.mjs'), path.join(ROOT, 'workers/cli/evaluate.ts')];
  const size = ['--samples', String(samples), '--train-samples', '10000', '--layers', '--checks'];
  const child = spawn(
    process.execPath,
    [...script, '--model', path.join(ROOT, 'public/models', model), '--board', board, ...size, '--out', out],
    {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

async function main(): Promise<number> {
  const [wantedModel, wantedBoard] = process.argv.slice(2);
  if (wantedModel === '--help') {
    process.stdout.write('npm run baselines [-- MODEL BOARD]: measures the bundled models in full, into db/baselines\n');
    return 0;
  }
  for (const { id, dataset } of BUNDLED_MODELS.filter((m) => !wantedModel || m.id === wantedModel))
    for (const board of [...BOARDS.values()].filter((b) => b.dataset === dataset && (!wantedBoard || b.id === wantedBoard))) {
      process.stderr.write(`${id} on ${board.id}\n`);
      const code = await evaluate(id, board.id, DATASETS[dataset].records.test);
      if (code !== 0) return code;
    }
  return 0;
}

void main().then((code) => {
  process.exitCode = code;
});
