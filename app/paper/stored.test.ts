import { expect, it } from 'vitest';
import { CONTROL, RUNS, setsOf, titleOf } from './stored';

it('the control has the learning rate of TRADES as published, and all else of TRADES', () => {
  const of = (mode: string) =>
    RUNS.filter(
      ({ recipe }) => recipe.board === CONTROL.recipe.board && recipe.trainSamples === CONTROL.recipe.trainSamples && recipe.mode === mode,
    );
  const [published] = of('trades-as-published');
  const same = of('trades').find(({ recipe }) => recipe.seed === CONTROL.recipe.seed);
  expect(CONTROL.recipe).toEqual({ ...same?.recipe, learningRate: published.recipe.learningRate });
  expect(CONTROL.recipe.learningRate).toBeLessThan(same?.recipe.learningRate ?? 0);
});

it('sets keep boards and numbers of images apart, and no two have one title', () => {
  const sets = setsOf(RUNS);
  expect(sets.flatMap(({ runs }) => runs)).toHaveLength(RUNS.length);
  expect(new Set(sets.map((set) => titleOf(set, sets))).size).toBe(sets.length);
  for (const { board, images, runs } of sets)
    for (const { recipe } of runs) expect([recipe.board, recipe.trainSamples]).toEqual([board, images]);
});
