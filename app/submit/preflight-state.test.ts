import { describe, expect, it } from 'vitest';
import { passed, refused } from '@/lib/protocol/preflight-checks';
import type { Preflight } from '@/workers/browser/messages';
import { NOT_STARTED, type PreflightAction, reducePreflight, summaryOf } from './preflight-state';

const result = { parts: [] } as unknown as Preflight;
const play = (...actions: PreflightAction[]) => actions.reduce(reducePreflight, NOT_STARTED);
const progress = (id: 'clean' | 'pgd', done: number, nowMs: number): PreflightAction => ({ type: 'progress', id, done, total: 10, nowMs });

describe('the preflight', () => {
  it('collects checks and says how it ended', () => {
    const state = play({ type: 'start' }, { type: 'check', check: passed('loads', 'x') }, { type: 'finished', result });
    expect(state).toEqual({ phase: 'done', checks: { loads: passed('loads', 'x') }, result });
    expect(summaryOf(state)).toContain('can be submitted. Nothing');
    const bad = play({ type: 'start' }, { type: 'check', check: refused('loads', ['x']) }, { type: 'finished', result });
    expect(summaryOf(bad)).toContain('can’t be submitted');
  });

  it('knows since when a check is under way, until it is done', () => {
    const state = play({ type: 'start' }, progress('clean', 0, 5), progress('clean', 3, 9));
    expect(state.running).toEqual({ id: 'clean', done: 3, total: 10, sinceMs: 5, nowMs: 9 });
    expect(reducePreflight(state, progress('pgd', 0, 11)).running?.sinceMs).toBe(11);
    expect(reducePreflight(state, { type: 'check', check: passed('clean', '') }).running).toBeUndefined();
    expect(reducePreflight(state, { type: 'check', check: passed('logits', '') }).running?.id).toBe('clean');
  });

  it('forgets everything with the next start, and hears nothing after an end', () => {
    const stopped = play({ type: 'start' }, { type: 'check', check: passed('loads', '') }, { type: 'stopped' });
    expect(reducePreflight(stopped, { type: 'finished', result })).toBe(stopped);
    expect(reducePreflight(stopped, { type: 'start' })).toEqual({ phase: 'running', checks: {} });
  });
});
