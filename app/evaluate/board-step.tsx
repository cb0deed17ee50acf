'use client';

import { LEVELS, type Level } from '@/lib/attacks/catalogue';
import { DATASETS } from '@/lib/data/datasets';
import type { BackendChoice } from '@/lib/engine/choose';
import { AUTOATTACK_SAMPLES } from '@/lib/protocol/counts';
import { count } from '../_ui/format';
import {
  type Attacks,
  AUTOATTACK_CHOICES,
  BOARD_CHOICES,
  type Extras,
  LEVEL_LABELS,
  SIZE_CHOICES,
  type Size,
  sameSize,
  sizeWithin,
} from './choices';
import type { Phase } from './state';
import { Step } from './step';
import { MAX_IMAGES } from './view';

interface Props {
  board: string;
  onBoard(id: string): void;
  size: Size;
  onSize(size: Size): void;
  attacks: Attacks;
  onAttacks(attacks: Attacks): void;
  layers: boolean;
  /** Layer by layer would fit into memory. */
  layersFit: boolean;
  onLayers(layers: boolean): void;
  extras: Extras;
  onExtras(extras: Extras): void;
  backend: BackendChoice;
  onBackend(backend: BackendChoice): void;
  disabled: boolean;
  phase: Phase;
}

const BACKENDS: { id: BackendChoice; label: string }[] = [
  { id: 'auto', label: 'automatic' },
  { id: 'webgpu', label: 'WebGPU' },
  { id: 'wasm', label: 'WebAssembly' },
];

const FULL = SIZE_CHOICES[SIZE_CHOICES.length - 1];

const field = 'rounded-md border border-line bg-bg px-2 py-1.5 text-sm disabled:opacity-60';

export function BoardStep({
  board,
  onBoard,
  size,
  onSize,
  attacks,
  onAttacks,
  layers,
  layersFit,
  onLayers,
  extras,
  onExtras,
  backend,
  onBackend,
  disabled,
  phase,
}: Props) {
  const splits = 'inspection' in phase ? phase.inspection.splits : undefined;
  const official = DATASETS[(BOARD_CHOICES.find((b) => b.id === board) ?? BOARD_CHOICES[0]).dataset].records;
  const here = splits ? { test: splits.test?.records ?? 0, train: splits.train?.records ?? 0 } : official;
  const { samples, trainSamples } = sizeWithin(size, here);
  const full = sizeWithin(FULL, official);
  const standard = attacks.level === 'standard';
  const attacked = Math.min(attacks.autoattackSamples, samples);
  const ranked =
    samples >= full.samples && trainSamples >= full.trainSamples && (!standard || attacked >= Math.min(AUTOATTACK_SAMPLES, full.samples));
  const fewer = samples < size.samples || trainSamples < size.trainSamples;
  return (
    <Step number={2} title="Board and size">
      <div className="flex flex-wrap items-end gap-x-6 gap-y-4">
        <label className="grid gap-1 text-sm">
          <span className="text-muted">Board</span>
          <select className={field} value={board} onChange={(e) => onBoard(e.target.value)} disabled={disabled}>
            {BOARD_CHOICES.map((b) => (
              <option key={b.id} value={b.id}>
                {b.label}
              </option>
            ))}
          </select>
        </label>
        <fieldset disabled={disabled} className="grid gap-1 text-sm">
          <legend className="mb-1 text-muted">Size</legend>
          <div className="flex overflow-hidden rounded-md border border-line">
            {SIZE_CHOICES.map((s) => (
              <label
                key={s.label}
                title={`${count(sizeWithin(s, official).samples)} test and ${count(sizeWithin(s, official).trainSamples)} training images`}
                className="border-line px-3 py-1.5 not-first:border-l has-checked:bg-accent has-checked:text-accent-fg has-focus-visible:outline-2 has-focus-visible:-outline-offset-2"
              >
                <input type="radio" name="size" className="sr-only" checked={sameSize(size, s)} onChange={() => onSize(s)} />
                {s.label}
              </label>
            ))}
          </div>
        </fieldset>
        <ImageCount label="Test images" value={size.samples} onChange={(samples) => onSize({ ...size, samples })} disabled={disabled} />
        <ImageCount
          label="Training images"
          value={size.trainSamples}
          onChange={(trainSamples) => onSize({ ...size, trainSamples })}
          disabled={disabled}
        />
        <label className="grid gap-1 text-sm">
          <span className="text-muted">Attacks</span>
          <select
            className={field}
            value={attacks.level}
            onChange={(e) => onAttacks({ ...attacks, level: e.target.value as Level })}
            disabled={disabled}
          >
            {LEVELS.map((level) => (
              <option key={level} value={level}>
                {LEVEL_LABELS[level]}
              </option>
            ))}
          </select>
        </label>
        {standard ? (
          <label className="grid gap-1 text-sm">
            <span className="text-muted">AutoAttack on</span>
            <select
              className={field}
              value={attacks.autoattackSamples}
              onChange={(e) => onAttacks({ ...attacks, autoattackSamples: Number(e.target.value) })}
              disabled={disabled}
            >
              {[...new Set([...AUTOATTACK_CHOICES, attacks.autoattackSamples])]
                .sort((a, b) => a - b)
                .map((n) => (
                  <option key={n} value={n}>
                    the first {count(n)}
                  </option>
                ))}
            </select>
          </label>
        ) : null}
        <label className="flex items-center gap-2 py-1.5 text-sm">
          <input
            type="checkbox"
            checked={layers && layersFit}
            onChange={(e) => onLayers(e.target.checked)}
            disabled={disabled || !layersFit}
            className="accent-accent"
          />
          Layer by layer
        </label>
        <Tick
          label="Confidence checks"
          title="Also the checks that need attacks of their own, on the first 256 test images: does the score deserve belief?"
          checked={extras.checks}
          onChange={(checks) => onExtras({ ...extras, checks })}
          disabled={disabled}
        />
        <Tick
          label="Curves"
          title="Also accuracy against radius, steps and restarts, on the first 256 test images."
          checked={extras.curves}
          onChange={(curves) => onExtras({ ...extras, curves })}
          disabled={disabled}
        />
        <label className="grid gap-1 text-sm">
          <span className="text-muted">Compute with</span>
          <select className={field} value={backend} onChange={(e) => onBackend(e.target.value as BackendChoice)} disabled={disabled}>
            {BACKENDS.map((b) => (
              <option key={b.id} value={b.id}>
                {b.label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="mt-3 text-sm text-muted">
        Attacks run on the first {count(samples)} test images, collapse is measured on the first {count(trainSamples)} training images
        {fewer ? ` (${splits ? 'the site has' : 'there are'} no more)` : ''}.{' '}
        {standard ? `AutoAttack runs on the first ${count(attacked)} of the test images, and robust accuracy is of those. ` : ''}
        {ranked ? 'This is the size of a ranked run.' : 'Smaller than a ranked run: a preview.'}
        {layersFit ? '' : ' Layer by layer would not fit into memory here: choose fewer images, or go without it.'}
        {phase.name === 'choosing' ? ' Pick a model to see what it will cost.' : ''}
      </p>
    </Step>
  );
}

interface TickProps {
  label: string;
  title: string;
  checked: boolean;
  onChange(checked: boolean): void;
  disabled: boolean;
}

function Tick({ label, title, checked, onChange, disabled }: TickProps) {
  return (
    <label title={title} className="flex items-center gap-2 py-1.5 text-sm">
      <input type="checkbox" checked={checked} onChange={(e) => onChange(e.target.checked)} disabled={disabled} className="accent-accent" />
      {label}
    </label>
  );
}

function ImageCount({ label, value, onChange, disabled }: { label: string; value: number; onChange(n: number): void; disabled: boolean }) {
  return (
    <label className="grid gap-1 text-sm">
      <span className="text-muted">{label}</span>
      <input
        type="number"
        className={`${field} w-28`}
        min={0}
        max={MAX_IMAGES}
        step={1}
        value={value}
        onChange={(e) => onChange(Math.max(0, Math.min(MAX_IMAGES, Math.trunc(Number(e.target.value) || 0))))}
        disabled={disabled}
      />
    </label>
  );
}
