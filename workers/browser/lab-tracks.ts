/** The way of the images that the lab measured – thinned or planted as it learnt them – under PGD, on the model of its last epoch. */
import { learntImages } from './lab-images';
import type { LabState } from './lab-run';
import type { MeasureListener } from './measure-listener';
import { attackTracks, type Tracks } from './tracks';

interface Wanted {
  board: string;
  /** The first so many of the measured images. */
  count: number;
}

export async function labTracks(
  { request, files }: Pick<LabState, 'request' | 'files'>,
  { board, count }: Wanted,
  listen: MeasureListener,
  signal: AbortSignal,
): Promise<Tracks> {
  listen.onStatus('Drawing the images…');
  const records = await learntImages(request);
  signal.throwIfAborted();
  const list = [...files].map(([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name));
  return attackTracks({ source: { kind: 'files', files: list }, board, seed: request.seed, count, records }, listen, signal);
}
