/**
 * Layer tasks hold class means and bases of every layer, megabytes that all units of a pass share: a thread is sent them
 * with the first unit and remembers them.
 */
import type { LayerTask } from '../lib/protocol/layer-tasks';
import type { MeasureJob } from '../lib/protocol/measure';

/** A unit as it travels to a thread: without the tasks that the thread has already. */
export type TravellingJob = Omit<MeasureJob, 'layers'> & { layers: LayerTask[] | null };

/** The sender's side, one for each thread. */
export class SentLayers {
  private last: number | undefined;

  pack(job: MeasureJob): TravellingJob {
    if (job.layerSet === undefined) return job;
    const known = job.layerSet === this.last;
    this.last = job.layerSet;
    return known ? { ...job, layers: null } : job;
  }
}

/** The thread's side. */
export class KnownLayers {
  private last: LayerTask[] = [];

  unpack(job: TravellingJob): MeasureJob {
    if (job.layers) this.last = job.layers;
    return { ...job, layers: this.last };
  }
}
