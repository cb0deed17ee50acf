/** Model files in the browser: from the site, from dropped files, or out of a zip, with the same limits everywhere. */
import { type Unzipped, unzip } from 'fflate';
import { Failure } from '../../lib/failure';
import { isSafePath, LIMITS, readModelJson, shardPaths } from '../../lib/model/bundle';
import type { ModelSource, UploadPart } from './messages';

const refused = (message: string) => new Failure('model-refused', message);

export async function readModelSource(source: ModelSource): Promise<Map<string, Uint8Array>> {
  if (source.kind === 'url') return fromSite(source.url);
  return source.kind === 'files' ? fromFiles(source.files) : fromParts(source.parts);
}

/** The site's own sentence where it has one: the files of a model may have been removed. */
async function refusalOf(response: Response): Promise<string> {
  const said = (await response.json().catch(() => null)) as { error?: { message?: unknown } } | null;
  return typeof said?.error?.message === 'string' ? said.error.message : `the site answered ${response.status}`;
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url).catch((cause) => {
    throw new Failure('data-unavailable', `${url} could not be fetched: ${(cause as Error).message}`, { cause });
  });
  if (!response.ok) throw new Failure('data-unavailable', `${url} could not be fetched: ${await refusalOf(response)}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function fromSite(url: string): Promise<Map<string, Uint8Array>> {
  const json = await fetchBytes(url);
  const parsed = readModelJson(json);
  if (!parsed.ok) throw refused(parsed.reasons.join('\n'));
  const base = url.slice(0, url.lastIndexOf('/') + 1);
  const files = new Map([['model.json', json]]);
  for (const path of shardPaths(parsed.value)) files.set(path, await fetchBytes(base + path.split('/').map(encodeURIComponent).join('/')));
  return files;
}

async function fromParts(parts: UploadPart[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { path, content } of parts) files.set(path, new Uint8Array(await content.arrayBuffer()));
  return files;
}

async function fromFiles(dropped: File[]): Promise<Map<string, Uint8Array>> {
  const total = dropped.reduce((n, f) => n + f.size, 0);
  if (total > LIMITS.weightBytes + LIMITS.jsonBytes)
    throw refused(`the files are ${total} bytes long; at most ${LIMITS.weightBytes} of weights are accepted`);
  const files = new Map<string, Uint8Array>();
  for (const file of dropped) {
    const bytes = await file.arrayBuffer().then(
      (content) => new Uint8Array(content),
      () => {
        throw refused(`${file.name} could not be read; give the files of a model's folder, not the folder itself, or one zip`);
      },
    );
    if (/\.zip$/i.test(file.name)) for (const [path, content] of await readZip(bytes, file.name)) files.set(path, content);
    else files.set(file.name, bytes);
  }
  return rooted(files);
}

/** Inflates a zip; sizes are read from its directory and checked before anything is inflated. */
function readZip(bytes: Uint8Array, name: string): Promise<Map<string, Uint8Array>> {
  let total = 0;
  let problem: string | undefined;
  return new Promise((resolve, reject) => {
    unzip(
      bytes,
      {
        filter: ({ name: path, originalSize }) => {
          if (path.endsWith('/') || path.startsWith('__MACOSX/')) return false;
          if (!isSafePath(path)) problem ??= `${name}: ${JSON.stringify(path)} is not a relative path inside the archive`;
          total += originalSize;
          if (total > LIMITS.weightBytes + LIMITS.jsonBytes) problem ??= `${name} inflates to more than ${LIMITS.weightBytes} bytes`;
          return problem === undefined;
        },
      },
      (error, unzipped: Unzipped) => {
        if (problem) reject(refused(problem));
        else if (error) reject(refused(`${name} is not a readable zip file: ${error.message}`));
        else resolve(new Map(Object.entries(unzipped)));
      },
    );
  });
}

/** Paths relative to the folder of the one model.json among the files. */
function rooted(files: Map<string, Uint8Array>): Map<string, Uint8Array> {
  const jsons = [...files.keys()].filter((p) => p === 'model.json' || p.endsWith('/model.json'));
  if (jsons.length === 0) throw refused(`no model.json among ${[...files.keys()].slice(0, 5).join(', ') || 'the files'}`);
  if (jsons.length > 1) throw refused(`several model.json files: ${jsons.join(', ')}; give one model`);
  const folder = jsons[0].slice(0, -'model.json'.length);
  return new Map([...files].flatMap(([path, bytes]) => (path.startsWith(folder) ? [[path.slice(folder.length), bytes] as const] : [])));
}
