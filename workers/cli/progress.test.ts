import { expect, it } from 'vitest';
import { duration, Progress } from './progress';

function terminal(isTTY: boolean, columns = 200) {
  const out = {
    isTTY,
    columns,
    text: '',
    write: (text: string) => {
      out.text += text;
      return true;
    },
  };
  return out;
}
const progressOn = (out: ReturnType<typeof terminal>, now: () => number) => new Progress(out as unknown as NodeJS.WriteStream, now);

it('writes durations as people say them', () => {
  expect([0, 499, 59_400, 60_000, 3_725_000, -5].map(duration)).toEqual(['0 s', '0 s', '59 s', '1 min 00 s', '62 min 05 s', '0 s']);
});

it('writes plain lines where nobody watches: each stage, and progress every five seconds and at the end', () => {
  const out = terminal(false);
  let now = 10_000;
  const progress = progressOn(out, () => now);
  progress.event({ type: 'stage', part: 'test', condition: 'clean', stage: 1, stages: 3 });
  progress.event({ type: 'progress', done: 50, total: 100, elapsedMs: 1000 });
  now += 1000;
  progress.event({ type: 'progress', done: 60, total: 100, elapsedMs: 2000 });
  progress.event({ type: 'stage', part: 'test', condition: 'pgd-10', stage: 2, stages: 3 });
  progress.event({ type: 'progress', done: 100, total: 100, elapsedMs: 4000 });
  progress.finish();
  expect(out.text.split('\n')).toEqual([
    '1/3 test clean',
    '  ████████████░░░░░░░░░░░░  50 %  50 image-steps/s  1 s left',
    '2/3 test pgd-10 (PGD on cross-entropy)',
    '  ████████████████████████ 100 %  25 image-steps/s  0 s left',
    '',
  ]);
});

it('redraws one line on a terminal and clears it in the end', () => {
  const out = terminal(true);
  const progress = progressOn(out, () => 1e6);
  progress.event({ type: 'stage', part: 'train', condition: 'sign', stage: 3, stages: 3 });
  progress.event({ type: 'progress', done: 1, total: 4, elapsedMs: 1000 });
  progress.line('a note');
  progress.finish();
  const clear = '\r\x1b[K';
  expect(out.text).toBe(
    `${clear}██████░░░░░░░░░░░░░░░░░░  25 %  1 image-steps/s  3 s left  3/3 train sign (sign noise)${clear}a note\n${clear}`,
  );
});

it('says how many images an attack is still at', () => {
  const out = terminal(false);
  progressOn(out, () => 1e6).event({ type: 'progress', done: 1, total: 4, elapsedMs: 1000, standing: 12 });
  expect(out.text).toBe('  ██████░░░░░░░░░░░░░░░░░░  25 %  1 image-steps/s  3 s left, 12 still standing\n');
});

it('cuts the line to the width of the terminal, so that it can be redrawn', () => {
  const out = terminal(true, 40);
  progressOn(out, () => 1e6).event({ type: 'progress', done: 1, total: 4, elapsedMs: 1000 });
  expect(out.text).toHaveLength('\r\x1b[K'.length + 39);
});
