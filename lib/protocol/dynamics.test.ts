import { expect, it } from 'vitest';
import { onEngine } from '../testing/on-engine';
import {
  drawnRecords,
  evaluateHere,
  linfBoard,
  memorySource,
  modelOf,
  networkOf,
  requestFor,
  testModelFiles,
} from '../testing/small-evaluation';
import { dynamicsCsv, dynamicsOf } from './dynamics';

const COUNT = 20;
const board = { ...linfBoard, steps: 2 };
onEngine('wasm');

it('is what a report says of the same model, images and seed', async () => {
  const model = await modelOf(testModelFiles('fmnist_st'));
  const data = drawnRecords('train', COUNT);
  const point = await dynamicsOf(model, data, { board, seed: 1, batch: 7, byLayer: ['clean', 'pgd-10'] });
  const network = networkOf(model);
  const request = requestFor(model, { board, samples: 0, trainSamples: COUNT, batch: 7, seed: 1, layers: true });
  const report = await evaluateHere(network, request, memorySource({ train: data, test: drawnRecords('test', 1) }));
  network.dispose();
  expect(Object.keys(point.conditions)).toEqual(['clean', 'pgd-10', 'targeted', 'gaussian', 'sign']);
  expect(point.layers?.map(({ name }) => name)).toEqual(report.layers?.map(({ name }) => name));
  expect(point.layers?.[0]).not.toHaveProperty('sign');
  for (const condition of ['clean', 'pgd-10', 'targeted', 'gaussian', 'sign'] as const) {
    expect(point.conditions[condition]?.collapse, condition).toEqual(report.collapse?.[condition]);
    if (condition === 'clean' || condition === 'pgd-10')
      for (const [k, layer] of (point.layers ?? []).entries()) expect(layer[condition], layer.name).toEqual(report.layers?.[k][condition]);
    if (condition !== 'clean') expect(point.conditions[condition]?.simplex, condition).toEqual(report.simplex?.[condition]);
  }
});

it('knows the nearest-centre rule, in any batch, and only the conditions that were asked for', async () => {
  const model = await modelOf(testModelFiles('fmnist_st'));
  const data = drawnRecords('train', COUNT);
  const options = { board, seed: 1, conditions: ['targeted'] as const };
  const [a, b] = [await dynamicsOf(model, data, { ...options, batch: 20 }), await dynamicsOf(model, data, { ...options, batch: 6 })];
  expect(Object.keys(a.conditions)).toEqual(['clean', 'targeted']);
  expect(b.conditions.clean?.ncc).toBe(a.conditions.clean?.ncc);
  expect(a.conditions.clean?.ncc).toBeGreaterThan(0.5); // two images a class, one half of each mean
  const { ncc = 1, leapt = 1 } = a.conditions.targeted ?? {};
  expect(ncc + leapt).toBeLessThanOrEqual(1);
});

it('as CSV has a row for each epoch and condition, and empty cells for what is not defined', async () => {
  const model = await modelOf(testModelFiles('fmnist_st'));
  const point = await dynamicsOf(model, drawnRecords('train', 6), { board, seed: 1, batch: 6, conditions: ['sign'] });
  const lines = dynamicsCsv([1, 2].map((epoch) => ({ epoch, ...point })))
    .trimEnd()
    .split('\n');
  expect(lines.length).toBe(5);
  expect(lines[0]).toMatch(/^epoch,condition,images,accuracy,loss,ncc,leapt,nc1,/);
  expect(lines[3]).toMatch(/^2,clean,6,/);
  const row = lines[1].split(',');
  expect(row.length).toBe(lines[0].split(',').length);
  expect(row[7]).toBe(''); // four classes have no image
  expect(Number(row[4])).toBeCloseTo(point.conditions.clean?.loss as number, 12);
});
