import { expect, it } from 'vitest';
import { type Judged, sentenceOf } from './witness-client';

const judged: Judged = { state: 'judged', images: 5, ahead: null, reason: null, broken: 3, first: 2, ambiguous: 1, held: 1 };

it('says where a file stands, and what became of every image', () => {
  expect(sentenceOf(judged)).toBe('Accepted: 3 broken, 2 of them new to the board; 1 too close to tell, 1 not broken.');
  expect(sentenceOf({ ...judged, ambiguous: 0, held: 0 })).toBe('Accepted: 3 broken, 2 of them new to the board.');
  expect(sentenceOf({ ...judged, state: 'queued', images: 1, ahead: 2 })).toBe('1 image: waiting for a runner, 2 ahead.');
  expect(sentenceOf({ ...judged, state: 'failed', reason: 'the runner did not answer' })).toContain(
    'could not be judged: the runner did not answer',
  );
});
