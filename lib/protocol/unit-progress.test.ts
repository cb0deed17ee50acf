import { expect, it } from 'vitest';
import { Reached, UnitMeter, type UnitProgress } from './unit-progress';

it('a unit counts what its standing images have been through, and all that the fallen ones could have cost', () => {
  const said: UnitProgress[] = [];
  const meter = new UnitMeter(10, (progress) => said.push(progress));
  const first = meter.part(4);
  first(4, true);
  first(4, false);
  first(1, true);
  const second = meter.part(2); // the first part was worth four images, however soon it ended
  second(2, true);
  expect(said.map(({ done, standing }) => [Number(done.toFixed(9)), standing])).toEqual([
    [4, 4],
    [5.6, 4],
    [30 + 2.4, 1],
    [40 + 2, 2],
  ]);
});

it('an image is never worth more than was planned', () => {
  let last: UnitProgress | undefined;
  const pass = new UnitMeter(1.5, (progress) => {
    last = progress;
  }).part(3);
  for (let i = 0; i < 5; i++) pass(3, true);
  expect(last).toEqual({ done: 4.5, standing: 3 });
});

it('a run adds up what has arrived and what is under way; one that is measured again begins again', () => {
  const reached = new Reached();
  reached.hear(0, { done: 3, standing: 2 });
  reached.hear(1, { done: 5, standing: 7 });
  expect([reached.done, reached.standing]).toEqual([8, 9]);
  reached.arrive(1, 20);
  reached.hear(0, { done: 1, standing: 4 });
  expect([reached.done, reached.standing]).toEqual([21, 4]);
});
