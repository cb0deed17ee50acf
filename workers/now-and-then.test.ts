import { expect, it } from 'vitest';
import { nowAndThen } from './now-and-then';

it('passes on the first of what comes after each pause, and nothing in between', () => {
  let now = 0;
  const heard: number[] = [];
  const say = nowAndThen(
    (at: number) => heard.push(at),
    () => now,
  );
  for (; now < 1300; now += 100) say(now);
  expect(heard).toEqual([400, 800, 1200]);
});
