/** One image of an accepted witness file as a PNG, so that pages can show what broke a model without any script. */
import { stores } from '@/app/_server/database';
import { withoutPaths } from '@/app/_server/datasets';
import { testImages } from '@/app/_server/test-images';
import { isAcceptedFile } from '@/db/queries/witnesses';
import { DATASETS } from '@/lib/data/datasets';
import { encodePng } from '@/lib/data/png';
import { Failure } from '@/lib/failure';
import { witnessBytes } from '@/lib/protocol/witness';
import { deltasAt, readWitnesses, type WitnessFile } from '@/lib/protocol/witness-file';

interface Props {
  params: Promise<{ slug: string; sha256: string; image: string }>;
}

/** A page asks for many images of few files at once: each is read once, and small ones are kept. */
const MOST_KEPT = 4;
const MOST_KEPT_BYTES = 8_000_000;
const inflated = new Map<string, Promise<WitnessFile | undefined>>();

const refusal = (status: number, code: string, message: string) => Response.json({ error: { code, message } }, { status });

async function readFile(sha256: string): Promise<WitnessFile | undefined> {
  const packed = await (await stores()).blobs.get(sha256);
  const read = packed && readWitnesses(packed);
  return read?.ok ? read.value : undefined;
}

function fileOf(sha256: string): Promise<WitnessFile | undefined> {
  const kept = inflated.get(sha256);
  if (kept) return kept;
  const file = readFile(sha256);
  const forget = () => void inflated.delete(sha256);
  file.then((read) => (read && read.deltas.byteLength <= MOST_KEPT_BYTES ? undefined : forget()), forget);
  if (inflated.size >= MOST_KEPT) inflated.delete(inflated.keys().next().value as string);
  inflated.set(sha256, file);
  return file;
}

export async function GET(_: Request, { params }: Props): Promise<Response> {
  const { slug, sha256, image } = await params;
  const index = /^(0|[1-9]\d{0,6})\.png$/.exec(image)?.[1];
  if (index === undefined) return refusal(404, 'not-found', `expected a test image’s number, such as 0.png, got ${image}`);
  if (!/^[0-9a-f]{64}$/.test(sha256) || !(await isAcceptedFile((await stores()).db, slug, sha256)))
    return refusal(404, 'not-found', `there is no accepted witness file ${sha256} of ${slug}`);
  const file = await fileOf(sha256);
  if (!file) return refusal(503, 'store-unavailable', 'the file could not be read just now; try again');
  const n = file.header.indices.indexOf(Number(index));
  if (n < 0) return refusal(404, 'not-found', `the file has no image ${index}`);
  const { dataset } = file.board;
  try {
    const bytes = witnessBytes(await testImages(dataset, [Number(index)]), deltasAt(file, n));
    const png = encodePng(bytes, DATASETS[dataset].shape);
    // A verdict may be revoked.
    return new Response(png, { headers: { 'Content-Type': 'image/png', 'Cache-Control': 'public, max-age=3600' } });
  } catch (error) {
    if (error instanceof Failure) return refusal(503, error.code, withoutPaths(error.message));
    throw error;
  }
}
