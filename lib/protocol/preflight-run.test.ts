import { beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from '../data/datasets';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { Failure } from '../failure';
import type { Model } from '../model/preflight';
import { drawnRecords, linfBoard, memorySource, modelOf, networkOf, testModelFiles } from '../testing/small-evaluation';
import { measure } from './measure';
import { type Check, PREFLIGHT_SIZE } from './preflight-checks';
import { type PreflightWorld, runPreflight } from './preflight-run';
import type { Laboratory } from './units';

describe('runPreflight', () => {
  let model: Model;
  beforeAll(async () => {
    await openEngine('wasm', nodeHost);
    model = await modelOf(testModelFiles('fmnist_at'));
  });

  const settings = { board: linfBoard, seed: 1, restarts: 1 };
  const source = (count: number): DataSource => memorySource({ test: drawnRecords('test', count) });
  const run = async (laboratory: Laboratory, data = source(20)) => {
    const checks: Check[] = [];
    let time = 0;
    const world: PreflightWorld = {
      model,
      board: linfBoard,
      laboratory,
      data,
      batch: 10,
      now: () => (time += 100),
      onCheck: (check) => checks.push(check),
      onProgress: () => undefined,
    };
    const { rate } = await runPreflight(world);
    return { checks, rate, states: Object.fromEntries(checks.map((c) => [c.id, c.state])) };
  };

  it('tells every check once, in order, with a rate from the attack', async () => {
    const network = networkOf(model);
    const { checks, rate } = await run({ capacity: 1, measure: (job) => measure(network, job, settings) });
    network.dispose();
    expect(checks.map((c) => c.id)).toEqual(['logits', 'clean', 'input-range', 'determinism', 'pgd', 'zero-gradient', 'time']);
    expect(checks.find((c) => c.id === 'determinism')).toMatchObject({
      state: 'passed',
      measured: `0 over ${PREFLIGHT_SIZE.passes} passes`,
    });
    expect(checks.find((c) => c.id === 'clean')?.measured).toContain('of 20');
    expect(rate).toBeCloseTo((20 * 10.4) / 0.1, 6);
  });

  it('stops at probabilities', async () => {
    const network = networkOf(model);
    const { states } = await run({
      capacity: 1,
      measure: async (job) => ({ ...(await measure(network, job, settings)), looksLikeProbabilities: true }),
    });
    network.dispose();
    expect(states).toMatchObject({ logits: 'refused' });
    expect(states.pgd).toBeUndefined();
  });

  it('takes outputs that are not finite for the model’s fault, at the check where they came', async () => {
    const network = networkOf(model);
    const { checks, rate } = await run({
      capacity: 1,
      measure: async (job) => {
        if (job.condition === 'pgd-10') throw new Failure('computation-failed', 'pgd-10: the gradient at sample 3 is not a number');
        return measure(network, job, settings);
      },
    });
    network.dispose();
    expect(checks.at(-1)).toMatchObject({ id: 'pgd', state: 'refused', reasons: ['pgd-10: the gradient at sample 3 is not a number.'] });
    expect(rate).toBeNull();
  });

  it('does not take a lost device for the model’s fault', async () => {
    const lost = run({
      capacity: 1,
      measure: async () => {
        throw new Failure('device-lost', 'the GPU was lost');
      },
    });
    await expect(lost).rejects.toMatchObject({ code: 'device-lost' });
  });
});
