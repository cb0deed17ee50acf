import { beforeAll, expect, it, vi } from 'vitest';
import { openEngine } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import { Network } from '../../lib/model/network';
import { type MeasureJob, measure } from '../../lib/protocol/measure';
import { LAB_SETS, type LabRequest } from './lab-request';
import { type LabState, runLab } from './lab-run';
import { labTracks } from './lab-tracks';
import type * as Laboratories from './laboratory';

vi.mock('./host', () => ({ browserHost: {} }));
// Browsers measure in workers; here, in this thread.
vi.mock('./laboratory', async (original) => ({
  ...(await original<typeof Laboratories>()),
  openLaboratory: async (_: unknown, { model, board }: Laboratories.Prepared, seed: number) => {
    const network = new Network(model.graph);
    return {
      ...{ workers: 1, engine: { backend: 'wasm', device: 'this thread' } },
      measure: (job: MeasureJob) => measure(network, job, { board, seed, restarts: 1 }),
      close: async () => network.dispose(),
    };
  },
}));

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
});

async function learn(request: LabRequest): Promise<LabState> {
  const states: LabState[] = [];
  await runLab(request, undefined, {
    ...{ signal: new AbortController().signal, rest: async () => undefined, onStatus: () => undefined, onStep: () => undefined },
    onEpoch: async (state) => void states.push(state),
  });
  return states[0];
}

const farthest = (a: Float32Array, b: Float32Array) => a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);

it.each(LAB_SETS)('where images are learnt as “%s”, their ways begin at their features and end where the attack left them', async (set) => {
  const state = await learn({ mode: 'st', set, images: 100, epochs: 1, measured: 20, seed: 3 });
  const listen = { onStatus: () => undefined, onProgress: () => undefined };
  const tracks = await labTracks(state, { board: 'glyphs/linf', count: 12 }, listen, new AbortController().signal);
  expect(tracks.images).toBe(12);
  const featuresOf = (condition: string) =>
    state.features.find((f) => f.condition === condition)?.features.subarray(0, 12 * state.dim) as Float32Array;
  // Batches of another size round otherwise in float32.
  const [clean, attacked] = [featuresOf('clean'), featuresOf('pgd-10')];
  expect(farthest(tracks.start, clean)).toBeLessThan(1e-4);
  expect(farthest(tracks.steps[tracks.steps.length - 1].features, attacked)).toBeLessThan(1e-3);
  expect(farthest(attacked, clean)).toBeGreaterThan(0.01);
});
