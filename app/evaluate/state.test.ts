import { describe, expect, it } from 'vitest';
import type { Report } from '@/lib/protocol/report';
import type { Inspection } from '@/workers/browser/messages';
import { type Action, INITIAL, reduce, type State } from './state';

const inspection = { rate: 1 } as Inspection;
const report = { board: 'x' } as Report;
const play = (...actions: Action[]): State => actions.reduce(reduce, INITIAL);
const running: Action[] = [{ type: 'inspect' }, { type: 'inspected', inspection }, { type: 'start' }];

describe('the evaluate page', () => {
  it('goes from a choice over an inspection to a run and its report', () => {
    expect(play().phase.name).toBe('choosing');
    expect(play(...running).phase.name).toBe('running');
    expect(play(...running, { type: 'finished', report })).toEqual({ phase: { name: 'done', inspection }, report, notices: [] });
  });

  it('keeps a report while the next run is chosen, until it starts', () => {
    const done: Action[] = [...running, { type: 'finished', report }];
    for (const next of [{ type: 'inspect' }, { type: 'choose' }] as Action[]) expect(play(...done, next).report).toBe(report);
    expect(play(...done, { type: 'start' }).report).toBeUndefined();
  });

  it('shows a report that was kept, but not in the middle of a run', () => {
    expect(play({ type: 'show', report })).toEqual({ ...INITIAL, report });
    expect(play(...running, { type: 'show', report }).report).toBeUndefined();
  });

  it('says what it waits for, before a model is known and before a run measures', () => {
    const status: Action = { type: 'status', text: 'unpacking' };
    expect(play({ type: 'inspect' }, status).phase).toEqual({ name: 'inspecting', status: 'unpacking' });
    expect(play(...running, status)).toMatchObject({ phase: { run: { status: 'unpacking' } }, notices: [] });
  });

  it('shows every reason of a refusal on its own', () => {
    expect(play({ type: 'inspect' }, { type: 'refused', code: 'model-refused', message: 'one\ntwo' }).phase).toEqual({
      name: 'refused',
      code: 'model-refused',
      reasons: ['one', 'two'],
    });
  });

  it('keeps the numbers of a run that was stopped or failed', () => {
    const seen: Action = { type: 'event', event: { type: 'accuracy', condition: 'clean', correct: 9, samples: 10 } };
    for (const end of [{ type: 'stopped' }, { type: 'failed', code: 'device-lost', message: 'gone' }] as Action[]) {
      const { phase } = play(...running, seen, end);
      expect('run' in phase && phase.run.live.accuracy.clean).toEqual({ correct: 9, samples: 10 });
    }
  });

  it('says how many images an attack is at, as long as one is', () => {
    const progress = (standing?: number): Action => ({
      type: 'event',
      event: { type: 'progress', done: 1, total: 2, elapsedMs: 3, ...(standing === undefined ? {} : { standing }) },
    });
    expect(play(...running, progress(5))).toMatchObject({ phase: { run: { done: 1, standing: 5 } } });
    expect(play(...running, progress(5), progress())).toMatchObject({ phase: { run: { standing: undefined } } });
  });

  it('lets later counts of a condition replace earlier ones and keeps the other conditions', () => {
    const { phase } = play(
      ...running,
      { type: 'event', event: { type: 'accuracy', condition: 'clean', correct: 1, samples: 2 } },
      { type: 'event', event: { type: 'accuracy', condition: 'pgd-10', correct: 0, samples: 2 } },
      { type: 'event', event: { type: 'accuracy', condition: 'clean', correct: 3, samples: 4 } },
    );
    expect('run' in phase && phase.run.live.accuracy).toEqual({
      clean: { correct: 3, samples: 4 },
      'pgd-10': { correct: 0, samples: 2 },
    });
  });

  it('ignores what arrives after a run has ended', () => {
    const ended = play(...running, { type: 'stopped' });
    expect(reduce(ended, { type: 'finished', report })).toBe(ended);
    expect(reduce(ended, { type: 'event', event: { type: 'progress', done: 1, total: 2, elapsedMs: 3 } })).toBe(ended);
  });

  it('ignores an inspection that was overtaken by another choice', () => {
    expect(play({ type: 'inspect' }, { type: 'choose' }, { type: 'inspected', inspection }).phase.name).toBe('choosing');
  });

  it('says a notice once and forgets it with the next run', () => {
    const twice = play(...running, { type: 'notice', text: 'hidden' }, { type: 'notice', text: 'hidden' });
    expect(twice.notices).toEqual(['hidden']);
    expect(play(...running, { type: 'notice', text: 'hidden' }, { type: 'stopped' }, { type: 'start' }).notices).toEqual([]);
  });
});
