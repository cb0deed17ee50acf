/** What `train --measure` keeps of an epoch. */

import { average } from '../../lib/collapse/simplex';
import type { Records } from '../../lib/data/datasets';
import { readModel } from '../../lib/model/preflight';
import { dynamicsOf } from '../../lib/protocol/dynamics';
import { exportModel } from '../../lib/training/export';
import type { TrainableNetwork } from '../../lib/training/network';
import type { TrainArguments } from './train-arguments';

/** Accuracy, nearest-centre rule, leaps, NC1–NC4, and angle and distance to the clean simplex, of the network as it stands, by condition. */
export async function collapseNow(network: TrainableNetwork, { images, labels }: Records, args: TrainArguments, rest: () => Promise<void>) {
  const count = Math.min(args.measure, labels.length);
  const first = { images: images.subarray(0, (images.length / labels.length) * count), labels: labels.subarray(0, count) };
  const model = await readModel(await exportModel(network, {}));
  if (!model.ok) throw new Error(model.reasons.join('\n'));
  const { conditions } = await dynamicsOf(model.value, first, { board: args.board, seed: args.seed, batch: 100, rest });
  return Object.fromEntries(
    Object.entries(conditions).map(([condition, { accuracy, ncc, leapt, collapse, simplex }]) => [
      condition,
      {
        ...{ accuracy, ncc, leapt, ...collapse },
        ...(simplex ? { angle: average(simplex.angleCentred), distance: average(simplex.distanceCentred) } : {}),
      },
    ]),
  );
}
