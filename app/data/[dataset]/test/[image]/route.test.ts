import { inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { testLabels } from '@/app/_server/test-images';
import { drawGlyphs } from '@/lib/data/glyphs';
import { GET } from './route';

const ask = (dataset: string, image: string) => GET(new Request('http://localhost/'), { params: Promise.resolve({ dataset, image }) });

it('gives a test image’s own pixels', async () => {
  const answer = await ask('glyphs', '1003.png');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
  const png = Buffer.from(await answer.arrayBuffer());
  const length = png.readUInt32BE(33);
  const rows = inflateSync(png.subarray(41, 41 + length));
  const pixels = Array.from({ length: 28 }, (_, y) => [...rows.subarray(29 * y + 1, 29 * (y + 1))]).flat();
  expect(pixels).toEqual([...drawGlyphs('test', 1003, 1).images]);
});

it('says what there is instead of what was asked for', async () => {
  const code = async (dataset: string, image: string) => {
    const answer = await ask(dataset, image);
    return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code];
  };
  expect(await code('glyphs', '10000.png')).toEqual([404, 'unknown-file']);
  expect(await code('glyphs', '007.png')).toEqual([404, 'unknown-file']);
  expect(await code('mnist', '0.png')).toEqual([404, 'unknown-dataset']);
});

it('knows the classes of test images', async () => {
  expect(await testLabels('glyphs', [0, 7, 1003])).toEqual([0, 7, 3]);
});
