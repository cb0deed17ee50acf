import { expect, it } from 'vitest';
import { AMBIGUITY } from './ambiguity';
import { leadOf, outcomeOf } from './witness-verdict';

it.each([Number.NaN, Infinity, -Infinity])('a logit of %s leaves it open which class leads', (odd) => {
  for (const logits of [
    [odd, 1, 2],
    [1, odd, 2],
    [1, 2, odd],
  ])
    expect(leadOf(logits, 0)).toEqual({ lead: 0, predicted: 0 });
});

it('a lead is a share of the spread of the logits, so that scaling them changes nothing', () => {
  expect(leadOf([1, 3, -1], 0)).toEqual({ lead: 0.5, predicted: 1 });
  expect(leadOf([1000, 3000, -1000], 0)).toEqual({ lead: 0.5, predicted: 1 });
  expect(leadOf([3, 1, -1], 0)).toEqual({ lead: -0.5, predicted: 0 });
  expect(leadOf([0, 1], 0)).toEqual({ lead: 1, predicted: 1 });
  expect(leadOf([2, 2, 2], 1)).toEqual({ lead: 0, predicted: 1 });
  // Two wrong classes may be as close as they like: the true one is beaten all the same.
  expect(leadOf([0, 5, 5.00001], 0)).toMatchObject({ predicted: 2, lead: 1 });
});

it('only a lead beyond the band counts', () => {
  expect([1, 2 * AMBIGUITY, AMBIGUITY, 0, -AMBIGUITY, -2 * AMBIGUITY].map(outcomeOf)).toEqual([
    'broken',
    'broken',
    'ambiguous',
    'ambiguous',
    'ambiguous',
    'held',
  ]);
});
