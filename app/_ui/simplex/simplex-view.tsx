'use client';

/** The simplex to turn, tilt and let leap: which classes and which condition are drawn is the reader's choice. */
import { useMemo, useState, useSyncExternalStore } from 'react';
import type { Condition } from '@/lib/attacks/catalogue';
import type { ClassMeans } from '@/lib/collapse/class-stats';
import { project, projectionOf } from '@/lib/collapse/projection';
import { CONDITIONS } from '../conditions';
import { percent } from '../format';
import { SaveSvg } from '../save-svg';
import { Scene, type Shape } from './scene';
import { useLeap } from './use-leap';

interface Props {
  means: ClassMeans;
  labels: Uint8Array;
  /** Features by condition, [images × dim]; clean first. */
  sets: readonly { condition: Condition; features: Float32Array }[];
  classNames: readonly string[];
}

const DEGREE = Math.PI / 180;
/** A drag across the drawing turns it by half a turn. */
const DRAG_DEGREES = 180;

/** Rows of the images of these classes, and the axes' coordinates of everything that is drawn. */
function shapesOf({ means, labels, sets, classNames }: Props, classes: readonly number[]) {
  const { dim } = means;
  const projection = projectionOf(means, { classes });
  const images = Array.from(labels.keys()).filter((n) => classes.includes(labels[n]));
  const rows = (features: Float32Array) => {
    const picked = new Float64Array(images.length * dim);
    images.forEach((n, k) => {
      picked.set(features.subarray(n * dim, (n + 1) * dim), k * dim);
    });
    return project(projection, picked);
  };
  const points = sets.map(({ features }) => rows(features));
  const corners = Float64Array.from(classes.flatMap((c) => [...means.means.subarray(c * dim, (c + 1) * dim)]));
  const at = project(projection, corners);
  const reach = (...lists: Float64Array[]) => {
    let longest = 0;
    for (const list of lists)
      for (let n = 0; n < list.length; n += projection.axes)
        longest = Math.max(longest, Math.hypot(...list.subarray(n, n + projection.axes)));
    return longest;
  };
  const shapes = new Map(
    sets.map(({ condition }, i): [Condition, Shape] => [
      condition,
      {
        ...{ axes: projection.axes, means: at, clean: points[0], perturbed: points[i] },
        names: classes.map((c) => classNames[c]),
        reach: reach(at, points[0], points[i]),
      },
    ]),
  );
  return { shapes, axes: projection.axes, explained: projection.explained, images: images.length };
}

export function SimplexView(props: Props) {
  const { means, sets, classNames } = props;
  const present = useMemo(() => classNames.flatMap((_, c) => (means.counts[c] > 0 ? [c] : [])), [means, classNames]);
  const [classes, setClasses] = useState<readonly number[]>(present);
  const [condition, setCondition] = useState<Condition>('pgd-10');
  const [turn, setTurn] = useState(25);
  const [tilt, setTilt] = useState(15);
  const leap = useLeap(1);
  const wide = useWide();
  const { shapes, axes, explained, images } = useMemo(() => shapesOf(props, classes), [props, classes]);
  const shape = shapes.get(condition);
  if (!shape) return null;
  const solid = axes === 3;
  const drag = (event: React.PointerEvent<HTMLElement>) => {
    if (!solid || event.buttons !== 1) return;
    const width = event.currentTarget.clientWidth;
    setTurn((t) => wrapped(t + (event.movementX / width) * DRAG_DEGREES));
    setTilt((t) => clamped(t + (event.movementY / width) * DRAG_DEGREES));
  };
  const toggle = (c: number) => setClasses(classes.includes(c) ? classes.filter((k) => k !== c) : [...classes, c].sort((a, b) => a - b));
  const what = `${classes.length} class means of clean features, ${images} images`;
  const exact = classes.length === axes + 1 && { 1: 'A line', 2: 'An exact triangle', 3: 'An exact tetrahedron' }[axes];
  const holds = exact
    ? `${exact}: all of the scatter between the means`
    : `${axes} axes, which hold ${percent(explained)} % of the scatter between the means`;
  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <figure className="min-w-0">
        <figcaption className="mb-1 flex items-baseline justify-between gap-3 text-sm font-medium">
          {CONDITIONS[condition].label} against clean
          <SaveSvg title={`Simplex, ${CONDITIONS[condition].label}`} />
        </figcaption>
        <div
          role="presentation"
          onPointerMove={drag}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          className={`overflow-hidden rounded-lg border border-line ${solid ? 'cursor-grab touch-pan-y active:cursor-grabbing' : ''}`}
        >
          <Scene
            shape={shape}
            condition={condition}
            at={leap.at}
            turn={solid ? turn * DEGREE : 0}
            tilt={solid ? tilt * DEGREE : 0}
            width={wide ? 600 : 340}
            summary={`${what}, clean and under ${CONDITIONS[condition].label}: ${holds}. The text beneath has the numbers.`}
          />
        </div>
        <p className="mt-1 text-xs text-muted">
          {axes > 0 ? `${holds}.` : 'Two classes at least span a direction.'} {solid ? 'Drag to turn.' : ''}
        </p>
      </figure>
      <div className="grid content-start gap-4 text-sm">
        <fieldset>
          <legend className="font-medium">Perturbed by</legend>
          {sets
            .filter((s) => s.condition !== 'clean')
            .map((s) => (
              <label key={s.condition} className="mr-4 inline-flex items-center gap-1.5">
                <input
                  type="radio"
                  name="simplex-condition"
                  checked={s.condition === condition}
                  onChange={() => setCondition(s.condition)}
                  className="accent-accent"
                />
                {CONDITIONS[s.condition].label}
              </label>
            ))}
        </fieldset>
        <div className="grid gap-2">
          <button type="button" onClick={leap.run} className="w-fit rounded-md border border-line px-3 py-1.5 hover:bg-panel">
            {leap.at < 0.5 ? 'Let them leap' : 'Take them back'}
          </button>
          <Slider label="Way" value={Math.round(100 * leap.at)} min={0} max={100} unit=" %" onChange={(v) => leap.set(v / 100)} />
          {solid ? (
            <>
              <Slider label="Turn" value={Math.round(turn)} min={-180} max={180} unit="°" onChange={setTurn} />
              <Slider label="Tilt" value={Math.round(tilt)} min={-90} max={90} unit="°" onChange={setTilt} />
            </>
          ) : null}
        </div>
        <fieldset>
          <legend className="font-medium">Classes</legend>
          <p className="text-xs text-muted">Three are drawn as an exact triangle, four as a tetrahedron.</p>
          <div className="mt-1 grid max-h-56 grid-cols-2 gap-x-3 overflow-auto">
            {present.map((c) => (
              <label key={c} className="inline-flex items-center gap-1.5">
                <input type="checkbox" checked={classes.includes(c)} onChange={() => toggle(c)} className="accent-accent" />
                {classNames[c]}
              </label>
            ))}
          </div>
          <p className="mt-2 flex gap-3">
            <button type="button" onClick={() => setClasses(present)} className="underline underline-offset-2">
              All
            </button>
            <button type="button" onClick={() => setClasses(present.slice(0, 3))} className="underline underline-offset-2">
              First three
            </button>
          </p>
        </fieldset>
      </div>
    </div>
  );
}

const wrapped = (degrees: number) => ((((degrees + 180) % 360) + 360) % 360) - 180;
const clamped = (degrees: number) => Math.min(90, Math.max(-90, degrees));

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  unit: string;
  onChange(value: number): void;
}

function Slider({ label, value, min, max, unit, onChange }: SliderProps) {
  return (
    <label className="grid grid-cols-[3rem_1fr_3.5rem] items-center gap-2">
      {label}
      <input
        type="range"
        {...{ min, max, value }}
        onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
        className="w-full accent-accent"
      />
      <span className="text-right text-muted">
        {value}
        {unit}
      </span>
    </label>
  );
}

/** As wide as a drawing of 600 pixels needs, so that its text keeps its size. */
function useWide(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia('(min-width: 40rem)');
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => matchMedia('(min-width: 40rem)').matches,
    () => true,
  );
}
