import { describe, expect, it } from 'vitest';
import type { Submission } from './send';
import { keptSentence, NOT_SENT, reduceSending, type SendingAction } from './sending-state';

const submission: Submission = { versionId: 'v', slug: 'x', number: 1, state: 'uploading', missing: ['b'] };
const play = (...actions: SendingAction[]) => actions.reduce(reduceSending, NOT_SENT);
const start: SendingAction = { type: 'start', steps: ['begin', 'upload', 'check'], total: 110 };
const failed: SendingAction = {
  type: 'ended',
  outcome: { ok: false, step: 'upload', problem: { code: 'unreachable', message: 'gone' }, kept: { submission, report: 'r' } },
};

describe('sending', () => {
  it('says where it is, and keeps what was reached when it breaks off', () => {
    const state = play(start, { type: 'step', step: 'upload' }, { type: 'bytes', sent: 10 }, failed);
    expect(state).toMatchObject({
      phase: 'failed',
      problem: { code: 'unreachable' },
      sending: { step: 'upload', sent: 10 },
      kept: { submission },
    });
    expect(reduceSending(state, start)).toMatchObject({ phase: 'sending', kept: { submission } });
  });

  it('hears nothing after an end', () => {
    const done = play(start, { type: 'ended', outcome: { ok: true, kept: { submission } } });
    expect(done.phase).toBe('done');
    expect(reduceSending(done, { type: 'bytes', sent: 1 })).toBe(done);
  });

  it('forgets the submission of another model, and the report unless it is handed on', () => {
    expect(play(start, failed, { type: 'forget' })).toEqual(NOT_SENT);
    expect(play(start, failed, { type: 'forget', report: 'r' }).kept).toEqual({ report: 'r' });
  });
});

describe('keptSentence', () => {
  it('says what is safe', () => {
    expect(keptSentence({}, 2)).toBe('What you filled in is kept.');
    expect(keptSentence({ submission }, 2)).toContain('1 of 2 files have arrived and are not sent again.');
    expect(keptSentence({ submission: { ...submission, state: 'draft', missing: [] }, report: 'r' }, 2)).toBe(
      'What you filled in is kept; all files have arrived and were checked, the measured report is kept here.',
    );
  });
});
