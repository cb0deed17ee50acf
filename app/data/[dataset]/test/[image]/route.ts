/** One test image as a PNG, pixel for pixel, so that pages can show images without any script. */
import { isDatasetId, withoutPaths } from '@/app/_server/datasets';
import { testImages, testRecords } from '@/app/_server/test-images';
import { DATASETS } from '@/lib/data/datasets';
import { encodePng } from '@/lib/data/png';
import { Failure } from '@/lib/failure';

const refusal = (status: number, code: string, message: string) => Response.json({ error: { code, message } }, { status });

export async function GET(_: Request, { params }: { params: Promise<{ dataset: string; image: string }> }): Promise<Response> {
  const { dataset, image } = await params;
  if (!isDatasetId(dataset))
    return refusal(404, 'unknown-dataset', `there is no data set ${dataset}; known: ${Object.keys(DATASETS).join(', ')}`);
  const index = /^(0|[1-9]\d{0,6})\.png$/.exec(image)?.[1];
  if (index === undefined) return refusal(404, 'unknown-file', `expected a test image’s number, such as 0.png, got ${image}`);
  try {
    const records = await testRecords(dataset);
    if (Number(index) >= records) return refusal(404, 'unknown-file', `there are test images 0 … ${records - 1}, got ${index}`);
    const png = encodePng(await testImages(dataset, [Number(index)]), DATASETS[dataset].shape);
    // The site's copy may be replaced by a fuller one.
    return new Response(png, { headers: { 'Content-Type': 'image/png', 'Cache-Control': 'public, max-age=86400' } });
  } catch (error) {
    if (error instanceof Failure) return refusal(503, error.code, withoutPaths(error.message));
    throw error;
  }
}
