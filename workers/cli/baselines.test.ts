/** The models that come with the site are what their commands make. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUNDLED_MODELS, baselineFile } from '../../lib/bundled-models';
import { DATASETS } from '../../lib/data/datasets';
import type { Report } from '../../lib/protocol/report';
import { readTrainArguments, type TrainArguments } from './train-arguments';

const models = BUNDLED_MODELS;

it.each(models)('$id says of itself what its command says', ({ id, dataset, recipe, epsilonTrained, trained }) => {
  const { board, mode, net, epochs, ...args } = readTrainArguments(trained.split(' ')) as TrainArguments;
  const made = JSON.parse(readFileSync(`public/models/${id}/model.json`, 'utf8')).userDefinedMetadata;
  const { batch, learningRate, schedule, momentum, weightDecay, seed } = args;
  expect(made).toMatchObject({ board: board.id, mode: mode.id, net, epochs, batch, learningRate, schedule, momentum, weightDecay, seed });
  expect(made.trainSamples).toBe(args.trainSamples ?? DATASETS[dataset].records.train);
  expect(made.history).toHaveLength(epochs);
  expect([board.dataset, mode.recipe]).toEqual([dataset, recipe]);
  expect([made.epsilon ?? null, made.warmup ?? 0]).toEqual([epsilonTrained, args.warmup]);
  // The bits of the weights depend on it.
  expect(args.backend).toBe('wasm');
});

it('each is under a megabyte', () => {
  for (const { id, bytes } of models) expect(bytes, id).toBeLessThan(1e6);
});

it.each(['glyphs', 'fashion-mnist'])('%s has one of each way of training', (data) => {
  const made = BUNDLED_MODELS.filter(({ dataset }) => dataset === data).map(({ recipe }) => recipe);
  expect(made).toEqual(['ST', 'AT', 'TRADES']);
});

it('the documentation has the numbers of the stored reports', () => {
  const text = readFileSync('docs/training.md', 'utf8');
  const percent = (v: number | null | undefined) => (typeof v !== 'number' ? '–' : `${(100 * v).toFixed(1)} %`);
  const report = (id: string, board: string): Report | undefined =>
    existsSync(`db/baselines/${baselineFile(id, board)}`)
      ? JSON.parse(readFileSync(`db/baselines/${baselineFile(id, board)}`, 'utf8'))
      : undefined;
  for (const { id, dataset } of BUNDLED_MODELS) {
    const [linf, l2] = [report(id, `${dataset}/linf`), report(id, `${dataset}/l2`)];
    const { clean, 'pgd-10': pgd } = linf?.collapse ?? {};
    const row = [
      `\`${id}\``,
      ...[percent(linf?.clean?.accuracy), percent(linf?.robust?.accuracy), percent(l2?.robust?.accuracy)],
      ...[clean?.nc1?.toFixed(2), pgd?.nc1?.toFixed(1), percent(clean?.nc4)],
    ];
    expect(text.replace(/ +/g, ' ')).toContain(`| ${row.join(' | ')} |`);
  }
});
