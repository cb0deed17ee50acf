'use client';

import { useMemo, useState, useSyncExternalStore } from 'react';
/** The simplex to turn, tilt and let leap: which classes and which condition are drawn is the reader's choice. */
import { Button } from '@/app/_ui/button';
import type { Condition } from '@/lib/attacks/catalogue';
import type { ClassMeans } from '@/lib/collapse/class-stats';
import { CONDITIONS } from '../conditions';
import { percent } from '../format';
import { useMeasured } from '../measured/use-measured';
import { SaveFigure } from '../save-figure';
import { PickOne } from './pick-one';
import { Scene } from './scene';
import { shapesOf } from './shapes';
import { Slider } from './slider';
import { useLeap } from './use-leap';
import { type Follow, WayChoice, type WayId, WaySlider } from './way';

interface Props {
  means: ClassMeans;
  labels: Uint8Array;
  /** Features by condition, [images × dim]; clean first. */
  sets: readonly { condition: Condition; features: Float32Array }[];
  classNames: readonly string[];
  /** Measures the images' way under PGD; absent: it is not offered. */
  follow?: Follow;
  /** Which state of the model is drawn, where it changes: tracks of another are not kept. */
  tracksOf?: number;
}

const DEGREE = Math.PI / 180;
/** A drag across the drawing turns it by half a turn. */
const DRAG_DEGREES = 180;
/** Images that can be picked out. */
const EXAMPLES = 60;

/** Where following is not offered, nothing calls it. */
const nobody: Follow = () => Promise.reject(new Error('there is no model to follow the attack on'));

export function SimplexView(props: Props) {
  const { means, labels, sets, classNames } = props;
  const present = useMemo(() => classNames.flatMap((_, c) => (means.counts[c] > 0 ? [c] : [])), [means, classNames]);
  const [classes, setClasses] = useState<readonly number[]>(present);
  const [condition, setCondition] = useState<Condition>('pgd-10');
  const [turn, setTurn] = useState(25);
  const [tilt, setTilt] = useState(15);
  const leap = useLeap(1);
  const wide = useWide();
  const { state: followed, run: measureTracks, stop: stopTracks } = useMeasured(props.follow ?? nobody, props.tracksOf);
  const [chosenWay, setWay] = useState<WayId>('straight');
  const [example, setExample] = useState<number>();
  const [highlit, setHighlit] = useState<number>();
  const shapes = useMemo(() => shapesOf({ means, labels, classNames }, classes), [means, labels, classNames, classes]);
  const tracks = followed.name === 'done' && condition === 'pgd-10' && chosenWay !== 'straight' ? followed.found : undefined;
  const way = tracks ? chosenWay : 'straight';
  const shape = useMemo(() => {
    if (tracks) return shapes.of([tracks.start, ...tracks[way === 'steps' ? 'steps' : 'radii'].map((stop) => stop.features)]);
    const set = sets.find((s) => s.condition === condition);
    return set ? shapes.of([sets[0].features, set.features]) : undefined;
  }, [sets, shapes, tracks, way, condition]);
  if (!shape) return null;
  const { axes, explained } = shapes;
  const images = shape.images.length;
  const names = !tracks
    ? []
    : way === 'steps'
      ? ['the image', ...tracks.steps.map(({ at }) => (at === 0 ? 'start' : `step ${at}`))]
      : ['0', ...tracks.radii.map(({ at }) => at.toFixed(3))];
  const solid = axes === 3;
  /** Of a class that is not drawn nothing can stand out. */
  const shown = highlit !== undefined && classes.includes(highlit) ? highlit : undefined;
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
          <SaveFigure title={`Simplex, ${CONDITIONS[condition].label}`} />
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
            {...(example === undefined ? {} : { example })}
            {...(shown === undefined ? {} : { highlight: classes.indexOf(shown) })}
            turn={solid ? turn * DEGREE : 0}
            tilt={solid ? tilt * DEGREE : 0}
            width={wide ? 600 : 340}
            summary={`${what}${shown === undefined ? '' : `, those of ${classNames[shown]} standing out`}, clean and under ${CONDITIONS[condition].label}: ${holds}. The text beneath has the numbers.`}
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
        {props.follow && condition === 'pgd-10' ? (
          <WayChoice way={chosenWay} onWay={setWay} tracks={followed} onMeasure={measureTracks} onStop={stopTracks} />
        ) : null}
        <div className="grid gap-2">
          <Button onClick={leap.run} className="w-fit rounded-md border border-line px-3 py-1.5 hover:bg-panel">
            {leap.at < 0.5 ? 'Let them leap' : 'Take them back'}
          </Button>
          <WaySlider way={way} at={leap.at} stops={names} onAt={leap.set} />
          {solid ? (
            <>
              <Slider label="Turn" value={Math.round(turn)} min={-180} max={180} text={`${Math.round(turn)}°`} onChange={setTurn} />
              <Slider label="Tilt" value={Math.round(tilt)} min={-90} max={90} text={`${Math.round(tilt)}°`} onChange={setTilt} />
            </>
          ) : null}
          <PickOne
            label="Highlight"
            none="all classes"
            options={classes.map((c) => ({ id: c, name: classNames[c] }))}
            value={shown}
            onPick={setHighlit}
          />
          <PickOne
            label="One example"
            none="none"
            options={shape.images.slice(0, EXAMPLES).map((n) => ({ id: n, name: `image ${n}, ${classNames[labels[n]]}` }))}
            value={example}
            onPick={setExample}
          />
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
            <Button onClick={() => setClasses(present)} className="underline underline-offset-2">
              All
            </Button>
            <Button onClick={() => setClasses(present.slice(0, 3))} className="underline underline-offset-2">
              First three
            </Button>
          </p>
        </fieldset>
      </div>
    </div>
  );
}

const wrapped = (degrees: number) => ((((degrees + 180) % 360) + 360) % 360) - 180;
const clamped = (degrees: number) => Math.min(90, Math.max(-90, degrees));

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
