'use client';

import { BUNDLED_MODELS } from '@/lib/bundled-models';
import { bytes, count } from '../_ui/format';

import { DropZone } from './drop-zone';
import { type PickedModel, titleOf } from './picked-model';
import type { Phase } from './state';
import { Step } from './step';
import type { SiteModel } from './view';

interface Props {
  /** A model of the site that the address names. */
  named: SiteModel | undefined;
  picked: PickedModel | undefined;
  onPick(model: PickedModel): void;
  disabled: boolean;
  phase: Phase;
}

export function ModelStep({ named, picked, onPick, disabled, phase }: Props) {
  return (
    <Step number={1} title="Model">
      <div className="grid gap-3 md:grid-cols-3">
        {named ? (
          <Card
            title={titleOf({ kind: 'site', model: named })}
            description="From this site’s board."
            checked={picked?.kind === 'site'}
            onPick={() => onPick({ kind: 'site', model: named })}
            disabled={disabled}
          />
        ) : null}
        {BUNDLED_MODELS.map((model) => (
          <Card
            key={model.id}
            title={model.id}
            description={model.description}
            note={`${bytes(model.bytes)} to download`}
            checked={picked?.kind === 'bundled' && picked.id === model.id}
            onPick={() => onPick({ kind: 'bundled', id: model.id })}
            disabled={disabled}
          />
        ))}
        <DropZone
          title="Your own"
          files={picked?.kind === 'own' ? picked.files : undefined}
          onFiles={(files) => onPick({ kind: 'own', files })}
          disabled={disabled}
        />
      </div>
      <Outcome phase={phase} />
    </Step>
  );
}

interface CardProps {
  title: string;
  description: string;
  note?: string;
  checked: boolean;
  onPick(): void;
  disabled: boolean;
}

function Card({ title, description, note, checked, onPick, disabled }: CardProps) {
  return (
    <label className="block rounded-lg border border-line p-4 has-checked:border-accent has-checked:ring-1 has-checked:ring-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <input type="radio" name="model" className="sr-only" checked={checked} onChange={onPick} disabled={disabled} />
      <span className="font-mono font-medium break-words">{title}</span>
      <span className="mt-1 block text-sm text-muted">{description}</span>
      {note ? <span className="mt-2 block text-xs text-muted">{note}</span> : null}
    </label>
  );
}

const REFUSAL: Record<string, string> = {
  'data-unavailable': 'The data for this board can’t be had:',
  'data-damaged': 'The data for this board are damaged:',
  'device-lost': 'This device can’t compute that way:',
};

/** What was found in the files: a summary, or every reason why not. */
function Outcome({ phase }: { phase: Phase }) {
  if (phase.name === 'inspecting') {
    return (
      <p role="status" className="mt-3 text-sm text-muted">
        {phase.status ?? 'Reading the model…'}
      </p>
    );
  }
  if (phase.name === 'refused') {
    return (
      <div role="alert" className="mt-3 rounded-lg bg-bad-bg p-3 text-sm text-bad">
        <p className="font-medium">{REFUSAL[phase.code] ?? 'This model can’t be measured:'}</p>
        <ul className="mt-1 list-disc pl-5">
          {phase.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
    );
  }
  if (!('inspection' in phase)) return null;
  const { model } = phase.inspection;
  return (
    <p role="status" className="mt-3 text-sm text-muted">
      {count(model.params)} parameters, {(model.macs / 1e6).toFixed(1)} M multiply–accumulates an image, {model.layers} layers;{' '}
      {'name' in model.feature ? (
        <>
          features are read at <code className="font-mono">{model.feature.name}</code> ({model.feature.dim} numbers)
        </>
      ) : (
        `collapse can’t be measured: ${model.feature.missing}`
      )}
      {model.notes.map((note) => `; ${note}`)}.
    </p>
  );
}
