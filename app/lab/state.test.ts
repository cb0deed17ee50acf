import { expect, it } from 'vitest';
import type { LabState } from '@/workers/browser/lab-client';
import { epochsLeft, idle, type LabAction, reduce } from './state';

const state = (epochs: number) => ({ request: { epochs: 5 }, epochs: Array(epochs).fill({}) }) as unknown as LabState;
const { request } = state(0);
const after = (...actions: LabAction[]) => actions.reduce(reduce, idle);

it('offers what the browser has kept, until another training begins', () => {
  const kept = after({ type: 'kept', state: state(2) });
  expect([kept.phase, epochsLeft(kept.state)]).toEqual(['idle', 3]);
  expect(reduce(kept, { type: 'start', request, begun: undefined }).state).toBeUndefined();
  expect(reduce(kept, { type: 'start', request, begun: state(2) }).state).toEqual(state(2));
  expect(after({ type: 'start', request, begun: undefined }, { type: 'kept', state: state(2) }).state).toBeUndefined();
});

it('says which device computes, and why not the faster one', () => {
  const engine = { backend: 'wasm' as const, device: 'processor with 2 threads', note: 'no WebGPU adapter' };
  expect(after({ type: 'engine', engine }).device).toBe('WebAssembly on processor with 2 threads (no WebGPU adapter)');
});

it('keeps the last epoch where a training stops or fails, and says why it failed only', () => {
  const running: LabAction[] = [
    { type: 'start', request, begun: undefined },
    { type: 'epoch', at: 0, state: state(1) },
  ];
  const stopped = after(...running, { type: 'failed', code: 'stopped', message: 'stopped' });
  expect(stopped).toMatchObject({ phase: 'stopped', state: state(1) });
  expect(stopped.problem).toBeUndefined();
  const failed = after(...running, { type: 'failed', code: 'out-of-memory', message: 'no memory is left' });
  expect(failed).toMatchObject({ phase: 'failed', state: state(1), problem: 'no memory is left' });
  expect(reduce(failed, { type: 'start', request, begun: state(1) }).problem).toBeUndefined();
});

it('shows the earlier training again where a new one ends before its first epoch does', () => {
  const begun: LabAction[] = [
    { type: 'kept', state: state(2) },
    { type: 'start', request, begun: undefined },
  ];
  expect(after(...begun).state).toBeUndefined();
  const stopped: LabAction = { type: 'failed', code: 'stopped', message: 'stopped' };
  expect(after(...begun, stopped).state).toEqual(state(2));
  expect(after(...begun, { type: 'epoch', at: 0, state: state(1) }, stopped).state).toEqual(state(1));
});

it('tells of a browser that keeps no epochs until another training begins', () => {
  const told = after({ type: 'start', request, begun: undefined }, { type: 'notice', text: 'This browser keeps no epochs: full' });
  expect([told.phase, told.notice]).toEqual(['running', 'This browser keeps no epochs: full']);
  expect(reduce(told, { type: 'start', request, begun: undefined }).notice).toBeUndefined();
});

it('of a training that diverges, says what is left of it and what may help, and does not offer to go on with it', () => {
  const message = 'the loss was not a finite number in epoch 2, step 3';
  const begun: LabAction = { type: 'start', request: { ...request, mode: 'st' }, begun: undefined };
  const failed: LabAction = { type: 'failed', code: 'diverged', message };
  const diverged = { ...state(1), diverged: message };
  const ended = after(begun, { type: 'epoch', at: 0, state: state(1) }, { type: 'epoch', at: 1, state: diverged }, failed);
  expect(ended.problem).toBe(
    'The loss was not a finite number in epoch 2, step 3. Epoch 1, the last good one, is kept: it is shown below, and can be saved. ' +
      'A learning rate below 0.1 may help.',
  );
  expect([ended.state?.epochs.length, epochsLeft(ended.state)]).toEqual([1, 0]);
  const early = after({ type: 'kept', state: state(2) }, begun, failed);
  expect(early.problem).toContain('No epoch came to a good end; the earlier training is kept.');
  expect(early.state).toEqual(state(2));
});

it('looks back at the epochs of the training that is shown, and of no other', () => {
  const seen = ({ past }: { past: readonly { epoch: number }[] }) => past.map(({ epoch }) => epoch);
  const epoch = (n: number): LabAction => ({ type: 'epoch', at: n, state: state(n) });
  const start: LabAction = { type: 'start', request, begun: undefined };
  const two = after(start, epoch(1), epoch(2));
  expect(seen(two)).toEqual([1, 2]);
  expect(seen(reduce(two, epoch(2))), 'the last good epoch of a diverged training comes twice').toEqual([1, 2]);
  expect(seen([{ ...start, begun: two.state }, epoch(3)].reduce(reduce, two)), 'gone on with').toEqual([1, 2, 3]);
  expect(seen([{ ...start, begun: state(2) }, epoch(3)].reduce(reduce, two)), 'another one gone on with').toEqual([2, 3]);
  expect(seen([start, epoch(1)].reduce(reduce, two)), 'begun anew').toEqual([1]);
  expect(seen([start, { type: 'failed', code: 'stopped', message: 'stopped' } as LabAction].reduce(reduce, two))).toEqual([2]);
  expect(seen(after({ type: 'kept', state: state(4) }))).toEqual([4]);
});

it('lets go of every second epoch of many, never of the first and the newest', () => {
  const many = Array.from({ length: 100 }, (_, n): LabAction => ({ type: 'epoch', at: n, state: state(n + 1) }));
  const { past } = after({ type: 'start', request, begun: undefined }, ...many);
  expect(past.length).toBeLessThanOrEqual(40);
  expect(past.length).toBeGreaterThanOrEqual(20);
  expect([past[0].epoch, past.at(-1)?.epoch]).toEqual([1, 100]);
});
