/** The files of a leased model, each by its SHA-256; what is too large is refused before it is fetched. */
import { Failure } from '../../lib/failure';
import { LIMITS, sha256Hex } from '../../lib/model/bundle';
import { type Model, readModel } from '../../lib/model/preflight';
import { printable } from '../../lib/model/sentences';
import { JobEnded } from './heartbeat';
import type { Job, ModelFile, Verification } from './messages';
import { Refused, type RunnerSite } from './site';

export interface LeasedModel {
  files: Map<string, Uint8Array>;
  model: Model;
}

export async function fetchModel(
  site: RunnerSite,
  job: Job,
  { model }: Pick<Verification, 'model'>,
  signal: AbortSignal,
): Promise<LeasedModel> {
  refuseLarge(model.files);
  const files = new Map<string, Uint8Array>();
  for (const file of model.files) files.set(file.path, await fetchFile(site, job, file, signal));
  const read = await readModel(files);
  if (!read.ok) throw new Failure('model-refused', read.reasons.join('\n'));
  if (read.value.sha256 !== model.sha256)
    throw new Failure('data-damaged', `the files that the site lists are the model ${read.value.sha256}, the job is about ${model.sha256}`);
  return { files, model: read.value };
}

function refuseLarge(files: readonly ModelFile[]): void {
  const refused = (message: string) => new Failure('model-refused', printable(message));
  const json = files.find((f) => f.path === 'model.json');
  if (json && json.bytes > LIMITS.jsonBytes) throw refused(`model.json is ${json.bytes} bytes long; at most ${LIMITS.jsonBytes} are read`);
  const weights = files.reduce((n, f) => n + (f === json ? 0 : f.bytes), 0);
  if (weights > LIMITS.weightBytes) throw refused(`the weight files are ${weights} bytes long; at most ${LIMITS.weightBytes} are accepted`);
}

/** What was damaged on its way is fetched once more. */
export async function fetchFile(site: RunnerSite, job: Job, { path, sha256, bytes }: ModelFile, signal: AbortSignal): Promise<Uint8Array> {
  let content = await fetchOnce(site, job, sha256, bytes, signal);
  if ((await sha256Hex(content)) !== sha256) content = await fetchOnce(site, job, sha256, bytes, signal);
  if ((await sha256Hex(content)) === sha256) return content;
  throw new Failure('data-damaged', `${printable(path)}: what the site sent did not match its digest ${sha256}, twice`);
}

async function fetchOnce(site: RunnerSite, job: Job, sha256: string, bytes: number, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await site.file(`/jobs/${job.id}/files/${sha256}`, bytes, signal);
  } catch (error) {
    if (!(error instanceof Refused) || [401, 403].includes(error.status)) throw error;
    if (error.status === 409) throw new JobEnded('lost');
    throw new Failure('data-unavailable', `file ${sha256} of the model could not be had: ${error.message} (${error.code})`, {
      cause: error,
    });
  }
}
