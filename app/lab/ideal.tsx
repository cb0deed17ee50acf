'use client';

/** The ideal that networks go towards: features and last layer as free variables, on their way to the simplex. */
import { useMemo, useState } from 'react';
import { ClassStats, classMeans } from '@/lib/collapse/class-stats';
import { significant } from '../_ui/format';
import { SaveFigure } from '../_ui/save-figure';
import { Scene } from '../_ui/simplex/scene';
import type { Shape } from '../_ui/simplex/shapes';
import { Slider } from '../_ui/simplex/slider';
import { Choice } from '../signin/choice';
import { ENERGY, type Ideal, type PeeledView, usePeeled } from './use-peeled';

const BUTTON = 'rounded-md border border-line px-3 py-1.5 hover:bg-panel disabled:opacity-50';
const CLASSES = [
  { id: '3', label: 'Three classes' },
  { id: '4', label: 'Four' },
] as const;
const BALANCE = [
  { id: 'even', label: 'Even' },
  { id: 'outnumbered', label: 'Outnumbered 20 to 1' },
] as const;
const HELD = [
  { id: 'bounded', label: 'Bounded' },
  { id: 'decayed', label: 'Decayed' },
] as const;
const DEGREE = Math.PI / 180;

const farthest = (points: Float64Array, dim: number) => {
  let longest = 0;
  for (let i = 0; i < points.length; i += dim) longest = Math.max(longest, Math.hypot(...points.subarray(i, i + dim)));
  return longest;
};

function shapeOf({ features, labels, dim }: PeeledView, classes: number): Shape {
  const stats = new ClassStats(classes, dim);
  stats.add(Float32Array.from(features), labels);
  return {
    ...{ axes: dim, means: classMeans(stats).means, images: labels.map((_, n) => n), owners: labels, stops: [features, features] },
    names: Array.from({ length: classes }, (_, c) => `class ${c + 1}`),
    // Mostly the same, so that the drawing keeps its scale; the mean square alone is bounded, so a few may lie farther out.
    reach: Math.max(1.3 * Math.sqrt(ENERGY), farthest(features, dim)),
  };
}

export function IdealCollapse() {
  const [ideal, setIdeal] = useState<Ideal>({ classes: 3, outnumbered: false, held: 'bounded', seed: 1 });
  const [turn, setTurn] = useState(25);
  const { view, running, done, setRunning, reset } = usePeeled(ideal);
  const shape = useMemo(() => shapeOf(view, ideal.classes), [view, ideal.classes]);
  const change = (next: Partial<Ideal>) => {
    const whole = { ...ideal, ...next };
    setIdeal(whole);
    reset(whole);
  };
  const solid = ideal.classes === 4;
  const { nc1, nc2AngleMeans, nc3, nc4 } = view.collapse;
  return (
    <section aria-labelledby="lab-ideal">
      <h2 id="lab-ideal" className="text-lg font-semibold">
        The ideal
      </h2>
      <p className="mt-1 mb-4 max-w-3xl text-sm text-muted">
        Leave the network away, and let features and last layer move freely under cross-entropy: their mean square lengths bounded in the{' '}
        <a href="https://arxiv.org/abs/2101.12699" className="underline underline-offset-2">
          layer-peeled model
        </a>
        , or pulled to zero by weight decay in the{' '}
        <a href="https://arxiv.org/abs/2105.02375" className="underline underline-offset-2">
          unconstrained-features model
        </a>
        . Their optimum is known: with as many samples in every class it is the simplex, and where some classes are outnumbered their
        directions fall together (minority collapse).
      </p>
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <figure className="min-w-0">
          <figcaption className="mb-1 flex items-baseline justify-between gap-3 text-sm font-medium">
            Features, class means and rows of the last layer (dashed)
            <SaveFigure title="The ideal simplex" />
          </figcaption>
          <div className="overflow-hidden rounded-lg border border-line">
            <Scene
              {...{ shape, condition: 'clean', at: 0, weights: view.weights, width: 600 }}
              turn={solid ? turn * DEGREE : 0}
              tilt={solid ? 15 * DEGREE : 0}
              summary={`${view.labels.length} free features of ${ideal.classes} classes after ${view.steps} steps; the numbers stand beside.`}
            />
          </div>
        </figure>
        <div className="grid content-start gap-4 text-sm">
          <Choice
            legend="Classes"
            name="ideal-classes"
            options={CLASSES}
            value={`${ideal.classes}`}
            onChange={(id) => change({ classes: id === '3' ? 3 : 4 })}
          />
          <Choice
            legend="Samples of each class"
            name="ideal-balance"
            options={BALANCE}
            value={ideal.outnumbered ? 'outnumbered' : 'even'}
            onChange={(id) => change({ outnumbered: id === 'outnumbered' })}
          />
          <Choice
            legend="Lengths"
            name="ideal-held"
            options={HELD}
            value={ideal.held}
            onChange={(id) => change({ held: id === 'decayed' ? 'decayed' : 'bounded' })}
          />
          <p className="flex flex-wrap gap-2">
            <button type="button" className={BUTTON} disabled={done} onClick={() => setRunning(!running)}>
              {running ? 'Pause' : view.steps === 0 ? 'Let it collapse' : 'Go on'}
            </button>
            <button type="button" className={BUTTON} onClick={() => change({ seed: ideal.seed + 1 })}>
              Another start
            </button>
          </p>
          {solid ? <Slider label="Turn" value={turn} min={-180} max={180} text={`${turn}°`} onChange={setTurn} /> : null}
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 tabular-nums">
            {(
              [
                ['Steps', String(view.steps)],
                ['Loss, nats', view.loss === undefined ? '–' : significant(view.loss)],
                ['NC1', significant(nc1)],
                ['NC2 angles', significant(nc2AngleMeans)],
                ['NC3', significant(nc3)],
                ['NC4', significant(nc4)],
              ] as const
            ).map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <p role="status" className="text-muted">
            {done ? '4,000 steps, and the end.' : ''}
          </p>
        </div>
      </div>
    </section>
  );
}
