/**
 * Training throughput of the small network on one wasm engine and in plain JavaScript, images a second; medians over steps,
 * warm. Beside it PyTorch's on the same machine, with one thread (as an engine has) and with all.
 */
import { NORMS } from '../lib/attacks/norms';
import type { Records } from '../lib/data/datasets';
import { drawGlyphs } from '../lib/data/glyphs';
import { openEngine } from '../lib/engine/choose';
import { nodeHost } from '../lib/engine/node-host';
import { pixelStatistics } from '../lib/training/layers/normalize';
import { TRAINING_MODES } from '../lib/training/modes';
import type { TrainingMode } from '../lib/training/modes/mode';
import { openNet } from '../lib/training/nets';
import { train } from '../lib/training/train';
import { findTorch, runPython } from '../workers/testing/torch';
import { median } from './rate';

interface TorchTraining {
  torch: string;
  /** By threads, then by way of training: images a second. */
  rates: Record<string, Record<string, number>>;
}

const BATCH = 128;
/** Plain JavaScript is some twenty times slower: few images tell its rate. */
const ENGINES = [
  { backend: 'wasm', batch: BATCH, steps: { st: 12 } },
  { backend: 'cpu', batch: 16, steps: { st: 4 } },
] as const;
const FEWEST = { wasm: 4, cpu: 2 };

export async function trainingBench(): Promise<void> {
  console.log('\ntraining of small on glyphs, images/s, one engine');
  const start = performance.now();
  const drawn = drawGlyphs('train', 0, 10_000);
  console.log(`  drawing 10 000 glyphs: ${((performance.now() - start) / 1000).toFixed(2)} s`);
  const python = await findTorch();
  const torch: TorchTraining | undefined = python
    ? JSON.parse(await runPython(python, 'bench/torch_training.py', String(BATCH), '8'))
    : undefined;
  if (!torch) console.log('  PyTorch: not found on this machine');
  for (const { backend, batch, steps } of ENGINES) {
    await openEngine(backend, nodeHost);
    for (const mode of TRAINING_MODES.values()) {
      const own = await rateOf(drawn, mode, batch, mode.id === 'st' ? steps.st : FEWEST[backend]);
      const beside = Object.entries(torch?.rates ?? {}).flatMap(([threads, of]) => {
        const theirs = of[mode.id];
        return theirs === undefined
          ? []
          : [`PyTorch ${torch?.torch}, batch ${BATCH}, ${threads} threads: ${theirs.toFixed(0)} (${(theirs / own).toFixed(1)}×)`];
      });
      console.log(
        `  ${`${backend}, batch ${batch}`.padEnd(16)} ${mode.title.padEnd(44)} ${own.toFixed(1).padStart(6)}   ${beside.join('   ')}`,
      );
    }
  }
}

/** Images a second of one way of training; the first step, in which kernels are made, does not count. */
async function rateOf(drawn: Records, mode: TrainingMode, batch: number, steps: number): Promise<number> {
  const count = batch * steps;
  const data = { images: drawn.images.subarray(0, count * 784), labels: drawn.labels.subarray(0, count) };
  const network = openNet('small', 'bench', { input: [28, 28, 1], classes: 10, pixels: pixelStatistics(data.images, 1), seed: 1 });
  const rates: number[] = [];
  let last = performance.now();
  const threat = { norm: NORMS.linf, epsilon: 0.1, alpha: 0.02, steps: 10, seed: 1 };
  const recipe = { epochs: 1, batch, learningRate: 0.05, schedule: 'constant', momentum: 0.9, weightDecay: 5e-4 } as const;
  await train(
    network,
    data,
    { ...recipe, mode, seed: 1, threat, warmup: 0 },
    {
      rest: async () => undefined,
      onStep() {
        const now = performance.now();
        rates.push(batch / ((now - last) / 1000));
        last = now;
      },
      onEpoch: async () => undefined,
    },
  );
  network.dispose();
  return median(rates.slice(1));
}
