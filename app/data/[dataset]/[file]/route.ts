/** Data for evaluations in the browser: `manifest.json` (digests) and `<split>.bin` (raw bytes, by range). */
import { isDatasetId, preparing, readRange, siteDataset, streamSplit, withoutPaths } from '@/app/_server/datasets';
import { BLOCK_BYTES, BLOCKS_PER_ANSWER } from '@/lib/data/blocks';
import { DATASETS } from '@/lib/data/datasets';
import { Failure } from '@/lib/failure';

/** Most that one partial answer holds; readers ask for the rest. */
const MAX_BYTES = BLOCK_BYTES * BLOCKS_PER_ANSWER;

const refusal = (status: number, code: string, message: string) => Response.json({ error: { code, message } }, { status });

/** One range `bytes=a-b`, `bytes=a-` or `bytes=-n` within `size`; null if it is off or not satisfiable. */
function parseRange(header: string, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  return start <= last && start < size ? { start, end: Math.min(last + 1, start + MAX_BYTES) } : null;
}

/** The value if it comes within a second: fetching and unpacking a data set for the first time takes longer. */
function soon<T>(value: Promise<T>): Promise<T | undefined> {
  return Promise.race([value, new Promise<undefined>((resolve) => setTimeout(resolve, 1000, undefined))]);
}

export async function GET(request: Request, { params }: { params: Promise<{ dataset: string; file: string }> }): Promise<Response> {
  const { dataset, file } = await params;
  const split = /^(test|train)\.bin$/.exec(file)?.[1] as 'test' | 'train' | undefined;
  if (!isDatasetId(dataset))
    return refusal(404, 'unknown-dataset', `there is no data set ${dataset}; known: ${Object.keys(DATASETS).join(', ')}`);
  if (!split && file !== 'manifest.json') return refusal(404, 'unknown-file', 'known files: manifest.json, test.bin, train.bin');
  try {
    // The list may be waited for in steps, by a reader who shows what goes on; bytes are waited for.
    const site = await (split ? siteDataset(dataset) : soon(siteDataset(dataset)));
    if (!site) return Response.json({ status: preparing.get(dataset) ?? `preparing ${DATASETS[dataset].title}` }, { status: 202 });
    if (!split) return Response.json(site.manifest, { headers: { 'Cache-Control': 'no-cache' } });
    const list = site.manifest.splits[split];
    if (!list) return refusal(404, 'no-split', `the site has no ${split} split of ${DATASETS[dataset].title}`);
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Accept-Ranges': 'bytes',
      ETag: `"${list.sha256}"`,
      'Cache-Control': 'no-cache',
    };
    const wanted = request.headers.get('range');
    if (wanted === null) {
      return new Response(streamSplit(site.folder, split), { headers: { ...headers, 'Content-Length': String(list.bytes) } });
    }
    const range = parseRange(wanted, list.bytes);
    if (!range) return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${list.bytes}` } });
    return new Response(await readRange(site.folder, split, range.start, range.end), {
      status: 206,
      headers: { ...headers, 'Content-Range': `bytes ${range.start}-${range.end - 1}/${list.bytes}` },
    });
  } catch (error) {
    if (error instanceof Failure) return refusal(503, error.code, withoutPaths(error.message));
    throw error;
  }
}
