/** What every kind of job begins with: its model, held against the board, and the data that the site serves. */
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS, type DataSource, type Dataset } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { boardReasons } from '../../lib/model/preflight';
import { SiteData } from '../site-data';
import type { MeasureWorld } from './measure-job';
import type { Job, Verification } from './messages';
import { fetchModel, type LeasedModel } from './model';

type World = Pick<MeasureWorld, 'site' | 'blocks' | 'say' | 'signal'>;

export interface Prepared extends LeasedModel {
  dataset: Dataset;
  data: DataSource;
}

export async function prepare(job: Job, wanted: Pick<Verification, 'model' | 'board'>, world: World): Promise<Prepared> {
  const { site, blocks, say, signal } = world;
  const dataset = DATASETS[wanted.board.dataset];
  say('fetching the model');
  const { files, model } = await fetchModel(site, job, wanted, signal);
  const reasons = boardReasons(model, dataset);
  if (reasons.length) throw new Failure('model-refused', reasons.join('\n'));
  const data = builtInSource(dataset) ?? (await openSiteData(dataset, { site, blocks, say, signal }));
  signal.throwIfAborted();
  return { files, model, dataset, data };
}

async function openSiteData(dataset: Dataset, { site: { server, fetch }, blocks, say, signal }: World): Promise<DataSource> {
  const data = await SiteData.open(dataset, { base: server, fetch, cache: blocks, onStatus: say, signal });
  for (const note of data.notes) say(note);
  return data;
}

/** Rejects with the signal's reason when it comes; what a job is raced against. */
export function stoppedBy(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  return stopped;
}
