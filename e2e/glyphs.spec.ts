/** The built-in data set: the site does its main job without data files and without a network beyond itself. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { fromBase64, unpackBitmap } from '../lib/protocol/evidence';
import { type Report, reportSchema } from '../lib/protocol/report';
import { filesOf } from '../lib/testing/graph-file';
import { graphFromKeras } from '../lib/testing/graph-from-keras';
import { EvaluatePage } from './evaluate-page';

const MODEL = path.join(process.cwd(), 'public/models/glyphs_st');
const BASELINE = path.join(process.cwd(), 'db/baselines/glyphs_st.glyphs.linf.json');

const clean = ({ evidence }: Report, images: number) => [...unpackBitmap(fromBase64(evidence.clean), images)];
const published = async () => reportSchema.parse(JSON.parse(await readFile(BASELINE, 'utf8')));

test('a site without data sets measures a bundled model on glyphs, and asks nobody for images', async ({ page, baseURL }) => {
  const asked: URL[] = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  // From the start: a site that has no data has nothing to answer here.
  await page.route('**/data/**', (route) => route.abort());
  const evaluate = await EvaluatePage.open(page);
  await expect(page.getByRole('combobox', { name: /^Board/ })).toHaveValue('glyphs/linf');
  await evaluate.pickBundled('glyphs_st');
  await evaluate.images(40, 100);
  await expect(page.getByText('140 images will be drawn in this browser; no data are fetched.')).toBeVisible({ timeout: 60_000 });
  await evaluate.start();
  const report = reportSchema.parse(await evaluate.finishedReport());
  expect(report.environment.backend).toBe('wasm');
  expect(report.data).toMatchObject({ test: { official: true }, train: { official: true } });
  expect(clean(report, 40)).toEqual(clean(await published(), 40));
  expect(report.attacks['pgd-10']?.correct).toBe(0);
  expect(report.robust?.correct).toBe(0);
  expect(report.collapse?.clean?.nc1).toBeGreaterThan(0);
  await expect(evaluate.accuracyOf('Clean')).toContainText(/\d/);
  await expect(page.getByRole('img', { name: /NC1 by condition/ })).toBeVisible();
  const paths = asked.map((url) => url.pathname);
  expect(paths).toContain('/models/glyphs_st/model.json'); // what workers ask for is heard here
  expect(paths.filter((p) => p.startsWith('/data/'))).toEqual([]);
  const elsewhere = asked.filter((url) => url.protocol.startsWith('http') && url.origin !== new URL(baseURL ?? '').origin);
  expect(elsewhere.map(String)).toEqual([]);
});

test('a graph model is dropped and measured, to the outcomes of the layers model that it was made from', async ({ page }) => {
  const names = ['model.json', 'group1-shard1of1.bin'];
  const files = await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(path.join(MODEL, name)))] as const));
  const { json, shard } = graphFromKeras(new Map(files), { fused: true });
  const evaluate = await EvaluatePage.open(page);
  await evaluate.dropFiles(filesOf(json, shard));
  await expect(page.getByText(/parameters, .* features are read at/)).toBeVisible({ timeout: 60_000 });
  await evaluate.size('Glance');
  await evaluate.start();
  const report = reportSchema.parse(await evaluate.finishedReport());
  const baseline = await published();
  expect(report.model.sha256).not.toBe(baseline.model.sha256);
  expect(report.model).toMatchObject({ featureDim: 64, classes: 10 });
  expect(report.counts).toMatchObject({ samples: 100, trainSamples: 500 });
  expect(clean(report, 100)).toEqual(clean(baseline, 100));
  expect(report.attacks['pgd-10']?.correct).toBe(0);
  expect(report.collapse?.clean?.nc1).toBeGreaterThan(0);
  expect(report.layers?.length).toBeGreaterThan(0);
});
