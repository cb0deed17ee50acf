/** A hunt on a model of a site: its files and images fetched, what still stands attacked here. */
import { z } from 'zod';
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { isSafePath, sha256Hex } from '../../lib/model/bundle';
import { boardReasons, readModel } from '../../lib/model/preflight';
import type { Board } from '../../lib/protocol/boards';
import { fromBase64, unpackBitmap } from '../../lib/protocol/evidence';
import { hunt, strongerBoard } from '../../lib/protocol/hunt';
import { packFiles } from '../../lib/protocol/witness-file';
import { openLaboratory } from '../node/laboratory';
import { SiteData } from '../site-data';
import type { HuntArguments } from './hunt-arguments';
import type { Site } from './submit-site';

const modelSchema = z.object({
  versions: z
    .array(
      z.object({
        ...{ number: z.number().int(), sha256: z.string(), state: z.string() },
        files: z.array(z.object({ path: z.string().refine(isSafePath), sha256: z.string(), bytes: z.number().int() })),
      }),
    )
    .min(1),
});
const outcomesSchema = z.object({ robustSamples: z.number().int(), robust: z.string().nullable() });

const rowsSchema = z.object({ rows: z.array(z.object({ slug: z.string(), version: z.number().int(), robust: z.number().nullable() })) });

/** Models of these boards that something still stands of, the most robust first; of each its newest version, as `huntOnSite` takes it. */
export async function rowsToHunt(site: Site, boards: readonly Board[]): Promise<{ model: string; board: Board }[]> {
  const found: { model: string; board: Board }[] = [];
  for (const board of boards) {
    const { rows } = rowsSchema.parse(await site.ask({ method: 'GET', path: `/boards/${board.id}/rows?sort=robust&limit=500` }));
    const slugs = new Set(rows.flatMap(({ slug, robust }) => (robust ? [slug] : [])));
    found.push(...[...slugs].map((model) => ({ model, board })));
  }
  return found;
}

export interface Hunted {
  attacked: number;
  broken: number;
  files: Uint8Array[];
}

export async function huntOnSite(args: HuntArguments, site: Site, log: (line: string) => void, signal: AbortSignal): Promise<Hunted> {
  const { server, model: slug, board, seed } = args;
  const dataset = DATASETS[board.dataset];
  const { versions } = modelSchema.parse(await site.ask({ method: 'GET', path: `/models/${slug}` }));
  const version = versions.find((v) => v.state === 'public');
  if (!version) throw new Failure('data-unavailable', `${slug} has no public version`);
  const at = `/models/${slug}/versions/${version.number}`;
  const { robustSamples: samples, robust } = outcomesSchema.parse(
    await site.ask({ method: 'GET', path: `${at}/outcomes?board=${board.id}` }),
  );
  if (robust === null)
    throw new Failure('data-unavailable', `${slug} has not been attacked on ${board.id} yet, so there is nothing to lower`);
  const standing = [...unpackBitmap(fromBase64(robust), samples)].flatMap((held, i) => (held ? [i] : []));
  const from = standing.length ? seed % standing.length : 0;
  const targets = [...standing.slice(from), ...standing.slice(0, from)].slice(0, args.images).sort((a, b) => a - b);
  log(`${standing.length} of ${samples} images still stand, ${targets.length} are attacked`);
  if (targets.length === 0) return { attacked: 0, broken: 0, files: [] };
  const files = new Map<string, Uint8Array>();
  for (const file of version.files) files.set(file.path, await fetchFile(`${server}/api/v1${at}/files/`, file));
  const model = await readModel(files);
  if (!model.ok) throw new Failure('model-refused', model.reasons.join('\n'));
  const reasons = boardReasons(model.value, dataset);
  if (reasons.length) throw new Failure('model-refused', reasons.join('\n'));
  if (model.value.sha256 !== version.sha256) throw new Failure('data-damaged', `the files of ${slug} are not those of ${version.sha256}`);
  const data = builtInSource(dataset) ?? (await SiteData.open(dataset, { base: server, onStatus: log, signal }));
  const { sha256 } = await data.info('test');
  const { backend, workers, steps, batch, rounds } = args;
  const settings = { board: strongerBoard(board, steps), seed, restarts: 1 };
  const units = Math.ceil(targets.length / batch);
  const laboratory = await openLaboratory({ backend, ...(workers ? { workers } : {}), units, files, settings }, log);
  try {
    log(`${laboratory.engine.backend} on ${laboratory.engine.device}`);
    let told = -1;
    const onProgress = (done: number, total: number, found: number) => {
      const percent = Math.floor((100 * done) / total);
      if (percent > told) log(`${percent} %: ${done} images attacked, ${found} broken`);
      told = Math.max(told, percent);
    };
    const found = await hunt({ board, targets, rounds, seed, batch }, { laboratory, data, signal, onProgress });
    const [height, width, channels] = dataset.shape;
    const header = { board: board.id, data: sha256, model: version.sha256, shape: [height, width, channels] as [number, number, number] };
    return { attacked: targets.length, broken: found.length, files: packFiles(header, found) };
  } finally {
    await laboratory.close();
  }
}

async function fetchFile(base: string, { path, sha256 }: { path: string; sha256: string }): Promise<Uint8Array> {
  const response = await fetch(base + path.split('/').map(encodeURIComponent).join('/'));
  if (!response.ok) throw new Failure('data-unavailable', `${path} could not be fetched: the site answered ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if ((await sha256Hex(bytes)) !== sha256)
    throw new Failure('data-damaged', `${path}: what the site sent did not match its digest ${sha256}`);
  return bytes;
}
