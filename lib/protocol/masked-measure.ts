/**
 * Attacks that look behind masked gradients, as units: the points of a smooth twin or of a surrogate, shown to the network like any
 * attack's; and the test of the attack itself, on networks that are altered so that they must break.
 */
import { apgdCe } from '../attacks/apgd-attacks';
import { hostBall } from '../attacks/host-ball';
import { mustBreak } from '../attacks/must-break';
import { smooth } from '../attacks/smooth';
import type { StandingAttack } from '../attacks/standing';
import { transfer } from '../attacks/transfer';
import { Failure } from '../failure';
import { CountedNetwork } from '../model/counting';
import type { ModelGraph } from '../model/graph';
import { Network } from '../model/network';
import { readModel } from '../model/preflight';
import { smoothTwin } from '../model/smooth-twin';
import { type MeasureJob, type MeasureSettings, toPixels } from './measure';
import type { PartResult } from './parts';
import { type Before, measureStanding } from './standing-measure';
import type { UnitMeter } from './unit-progress';

/** A unit of `smooth` or `transfer`; the other network's passes are counted with the network's own. */
export async function measureBehind(
  kind: 'smooth' | 'transfer',
  network: CountedNetwork,
  graph: ModelGraph,
  job: MeasureJob,
  settings: MeasureSettings,
  meter?: UnitMeter,
): Promise<PartResult> {
  const other = new Network(kind === 'smooth' ? smoothTwin(graph).graph : await surrogateOf(settings));
  try {
    const climbed = new CountedNetwork(other);
    const run = kind === 'smooth' ? smooth : transfer;
    const attack: StandingAttack = { ...apgdCe, attack: (shown, batch) => run(climbed, shown, batch) };
    const result = await measureStanding(network, job, settings, attack, meter);
    return { ...result, forwards: result.forwards + climbed.forwards, backwards: result.backwards + climbed.backwards };
  } finally {
    other.dispose();
  }
}

async function surrogateOf({ surrogate }: MeasureSettings): Promise<ModelGraph> {
  if (!surrogate) throw new Failure('arguments', 'a transfer attack needs a surrogate');
  const read = await readModel(surrogate);
  if (!read.ok) throw new Failure('data-damaged', `the surrogate: ${read.reasons.join('\n')}`);
  return read.value.graph;
}

/** What became of each image's altered network. */
export const MUST_BREAK = { notAltered: 0, held: 1, broke: 2 } as const;

/** The images keep the outcome that they had; `mustBreak` says what the attack made of their altered networks. */
export async function measureMustBreak(graph: ModelGraph, job: MeasureJob, settings: MeasureSettings): Promise<PartResult> {
  const { seed = settings.seed, before } = job;
  if (!before) throw new Failure('arguments', 'the test of the attack begins from the clean images');
  const count = job.labels.length;
  const pixels = toPixels(job.images);
  const batch = {
    ball: hostBall(settings.board.norm, settings.board.epsilon, pixels, pixels.length / Math.max(1, count)),
    labels: new Int32Array(count),
    samples: Int32Array.from(job.labels, (_, n) => job.records?.[n] ?? job.first + n),
    ...{ split: job.split, seed },
  };
  const nothing = graph.lastDense === undefined || count === 0 || settings.board.epsilon === 0;
  const { tested, broken, forwards, backwards } = nothing
    ? { tested: new Uint8Array(count), broken: new Uint8Array(count), forwards: 0, backwards: 0 }
    : await mustBreak(graph, apgdCe, batch);
  return {
    ...copyOf(before),
    mustBreak: tested.map((yes, n) => (!yes ? MUST_BREAK.notAltered : broken[n] ? MUST_BREAK.broke : MUST_BREAK.held)),
    ...{ forwards, backwards },
  };
}

const copyOf = ({ predictions, losses, linf, l2, looksLikeProbabilities }: Before) => ({
  predictions: predictions.slice(),
  losses: losses.slice(),
  linf: linf.slice(),
  l2: l2.slice(),
  looksLikeProbabilities,
});
