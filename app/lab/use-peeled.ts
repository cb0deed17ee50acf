'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { Collapse } from '@/lib/collapse/nc';
import { LayerPeeledModel } from '@/lib/training/layer-peeled';
import { peeledCollapse } from '@/lib/training/peeled-collapse';

export interface Ideal {
  classes: 3 | 4;
  /** The last two classes have a twentieth of the samples of the others: one alone has none to fall together with. */
  outnumbered: boolean;
  /** What keeps lengths from growing for ever: the layer-peeled model's bound, or the unconstrained-features model's decay. */
  held: 'bounded' | 'decayed';
  seed: number;
}

export interface PeeledView {
  steps: number;
  /** Nats, before the last step. */
  loss: number | undefined;
  features: Float64Array;
  weights: Float64Array;
  labels: number[];
  dim: number;
  collapse: Collapse;
}

/** Mean ‖h‖² and ‖w‖² at most; the decay lets them come to about as much. */
export const ENERGY = 4;
const CONSTRAINTS = { bounded: { kind: 'peeled', energy: ENERGY }, decayed: { kind: 'unconstrained', weightDecay: 0.02 } } as const;
const SAMPLES = 40;
const LAST = 4000;
/** Steps of a frame: few at first, when most happens. */
const stepsAt = (done: number) => Math.max(1, Math.floor(done / 40));

function open({ classes, outnumbered, held, seed }: Ideal): LayerPeeledModel {
  const counts = Array.from({ length: classes }, (_, c) => (outnumbered && c >= classes - 2 ? SAMPLES / 20 : SAMPLES));
  return new LayerPeeledModel({ counts, dim: classes - 1, constraint: CONSTRAINTS[held], rate: 0.1, seed });
}

const viewOf = (model: LayerPeeledModel, steps: number, loss: number | undefined): PeeledView => ({
  ...{ steps, loss, labels: model.labels, dim: model.dim, collapse: peeledCollapse(model) },
  ...{ features: model.features.slice(), weights: model.weights.slice() },
});

/** Free features on their way to their optimum, a frame at a time. */
export function usePeeled(ideal: Ideal) {
  const model = useRef<LayerPeeledModel>(undefined);
  const [view, setView] = useState(() => viewOf(open(ideal), 0, undefined));
  const [running, setRunning] = useState(false);
  const reset = useCallback((next: Ideal) => {
    model.current = open(next);
    setRunning(false);
    setView(viewOf(model.current, 0, undefined));
  }, []);
  const { steps } = view;
  const done = steps >= LAST;
  useEffect(() => {
    if (!running || done) return;
    const frame = requestAnimationFrame(() => {
      model.current ??= open(ideal);
      let loss = 0;
      const count = Math.min(LAST - steps, stepsAt(steps));
      for (let i = 0; i < count; i++) loss = model.current.step();
      setView(viewOf(model.current, steps + count, loss));
    });
    return () => cancelAnimationFrame(frame);
  }, [running, done, steps, ideal]);
  return { view, running: running && !done, done, setRunning, reset };
}
