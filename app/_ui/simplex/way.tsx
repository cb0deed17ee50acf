'use client';

import type { Tracks } from '@/workers/browser/tracks';
/** How the images move: straight to their perturbed places, or as PGD goes, step by step, or as its radius grows. */
import { MeasureButton } from '../measured/measure-button';
import type { Measure, Measured } from '../measured/use-measured';
import { Slider } from './slider';

/** Measures the images’ way under attack. */
export type Follow = Measure<Tracks>;

export type WayId = 'straight' | 'steps' | 'radii';

const WAYS: readonly { id: WayId; label: string }[] = [
  { id: 'straight', label: 'straight' },
  { id: 'steps', label: 'step by step' },
  { id: 'radii', label: 'by radius ε' },
];

interface Props {
  way: WayId;
  onWay(way: WayId): void;
  tracks: Measured<Tracks>;
  onMeasure(): void;
  onStop(): void;
}

export function WayChoice({ way, onWay, tracks, onMeasure, onStop }: Props) {
  return (
    <fieldset>
      <legend className="font-medium">Their way</legend>
      {WAYS.map(({ id, label }) => (
        <label key={id} className="mr-4 inline-flex items-center gap-1.5">
          <input type="radio" name="simplex-way" checked={way === id} onChange={() => onWay(id)} className="accent-accent" />
          {label}
        </label>
      ))}
      {way !== 'straight' && tracks.name !== 'done' ? (
        <div className="mt-2 grid gap-2">
          <p className="text-xs text-muted">
            PGD is run anew on the first images: after each step, and at six radii up to twice the board’s.
          </p>
          <MeasureButton state={tracks} onRun={onMeasure} onStop={onStop} of="Passes through the network">
            Follow the attack
          </MeasureButton>
        </div>
      ) : null}
    </fieldset>
  );
}

interface SliderProps {
  way: WayId;
  /** 0 … 1 */
  at: number;
  /** What each stop is called; the first is the clean image. */
  stops: readonly string[];
  onAt(at: number): void;
}

/** Percents of a straight way, or whole stops. */
export function WaySlider({ way, at, stops, onAt }: SliderProps) {
  const last = way === 'straight' ? 100 : stops.length - 1;
  const value = Math.round(last * at);
  const text = way === 'straight' ? `${value} %` : stops[value];
  return <Slider label={way === 'radii' ? 'ε' : 'Way'} value={value} min={0} max={last} text={text} onChange={(v) => onAt(v / last)} />;
}
