/** What breaks a model is seen beside the image: sent as a witness, judged by a runner, shown where images are compared. */
import { createHash } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { DATASETS } from '../lib/data/datasets';
import { drawGlyphs } from '../lib/data/glyphs';
import { packWitnesses } from '../lib/protocol/witness-file';
import { bits } from '../lib/random';
import { bundledFiles, modelOf } from '../lib/testing/small-evaluation';
import { expectFit } from './accessibility';
import { newAccount } from './account-pages';
import { playedRunner } from './played-runner';

const BOARD = 'glyphs/linf';
const PAGE = `/boards/${BOARD}/images`;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Every pixel 0.1 up or down by lot, where there is room: within the board's ball, though it may break nothing. */
async function noisy(index: number) {
  const lot = bits({ seed: 1, tag: 99, sample: index, split: 'test' }, 784);
  const deltas = Int16Array.from(drawGlyphs('test', index, 1).images, (x, i) => {
    const d = lot[i] & 1 ? 3264 : -3264;
    return Math.max(-128 * x, Math.min(32640 - 128 * x, d));
  });
  const { sha256: model } = await modelOf(bundledFiles('glyphs_st'));
  const data = DATASETS.glyphs.officialSha256.test as string;
  const header = { board: BOARD, data, model, indices: [index], shape: [28, 28, 1] as [number, number, number] };
  return { header, file: packWitnesses(header, deltas) };
}

test('an accepted witness stands beside the image that it breaks', async ({ page, request }) => {
  await page.goto(PAGE);
  const first = page.locator('figure').first();
  const index = Number(/#(\d+)/.exec((await first.textContent()) ?? '')?.[1]);
  await expect(page.getByRole('img', { name: /perturbed/ })).toHaveCount(0);

  await newAccount(page, 'Annie Easley');
  const { header, file } = await noisy(index);
  await page.goto('/models/glyphs-st');
  const buffer = Buffer.from(file);
  await page.getByLabel(/send a witness file of your own/).setInputFiles({ name: 'x.witness.gz', mimeType: 'application/gzip', buffer });
  await expect(page.getByRole('list', { name: 'Witnesses that you sent' }).getByRole('listitem')).toHaveText(/^1 image: waiting/);

  const runner = await playedRunner(request);
  const job = await runner.lease();
  expect(job.kind, 'witnesses come first').toBe('witness');
  await runner.send(job, {
    ...{ schema: 'witness-verdict/1', protocol: '1', board: BOARD, file: sha256(file), model: header.model, data: header.data },
    environment: { backend: 'wasm', device: 'a processor', engine: 'node', versions: {} },
    ...{ startedAt: new Date().toISOString(), durationMs: 12, images: [{ index, lead: 0.1, predicted: 1 }] },
  });

  await page.goto(PAGE);
  const seen = DATASETS.glyphs.classNames[1];
  const broken = page.getByRole('img', { name: new RegExp(`^number ${index}, .*, perturbed: ${seen} to glyphs_st$`) });
  await expect(broken).toBeVisible();
  await expect.poll(() => broken.evaluate((img: HTMLImageElement) => [img.complete, img.naturalWidth])).toEqual([true, 28]);
  await expect(page.locator('figure').nth(1)).toContainText(`glyphs_st→ ${seen}`);
  await expectFit(page);
});
