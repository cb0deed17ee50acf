'use client';

/** The recipe of a training, closed until somebody wants to change it, and the command that trains the same in the terminal. */
import { type LabRequest, labCommand } from '@/workers/browser/lab-client';
import { CopyButton } from '../_ui/copy-button';
import { ended } from '../_ui/format';
import { field } from '../signin/controls';
import { BOARD, NET_CHOICES, SCHEDULE_CHOICES } from './choices';
import { attacks, type LabForm, type Refused, type Typed } from './form';
import { Select } from './select';

interface Props {
  form: LabForm;
  request: LabRequest;
  refused: Refused;
  locked: boolean;
  onChange(change: Partial<LabForm>): void;
}

const FIELDS: readonly { name: Typed; label: string; hint?: string }[] = [
  { name: 'width', label: 'Width', hint: 'Factor of the filters.' },
  { name: 'learningRate', label: 'Learning rate', hint: 'At the start.' },
  { name: 'batch', label: 'Batch', hint: 'Images a step.' },
  { name: 'momentum', label: 'Momentum' },
  { name: 'weightDecay', label: 'Weight decay', hint: 'With more of it, collapse comes sooner.' },
  { name: 'warmup', label: 'Warm-up epochs', hint: 'Until the attack is whole; 0 is the paper’s way.' },
  { name: 'seed', label: 'Seed', hint: 'The same seed gives the same weights.' },
];

export function Recipe({ form, request, refused, locked, onChange }: Props) {
  const { net, width, learningRate, batch, weightDecay } = form;
  return (
    <details className="rounded-lg border border-line text-sm">
      <summary className="cursor-pointer px-3 py-2">
        <span className="font-medium">Recipe</span>{' '}
        <span className="text-muted">
          {NET_CHOICES.find(({ id }) => id === net)?.label.replace(/:.*/, '')}
          {width === '1' ? '' : ` × ${width}`}, learning rate {learningRate}, batch {batch}, weight decay {weightDecay}
        </span>
      </summary>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 border-t border-line p-3">
        <fieldset disabled={locked} className="grid min-w-0 gap-x-4 gap-y-3 sm:grid-cols-3 lg:grid-cols-5">
          <legend className="sr-only">Recipe</legend>
          <Select label="Network" value={net} options={NET_CHOICES} onChange={(id) => onChange({ net: id })} />
          <Select label="Schedule" value={form.schedule} options={SCHEDULE_CHOICES} onChange={(schedule) => onChange({ schedule })} />
          {FIELDS.filter(({ name }) => name !== 'warmup' || attacks(form.mode)).map(({ name, ...words }) => (
            <NumberField key={name} {...{ name, ...words }} value={form[name]} refusal={refused[name]} onChange={onChange} />
          ))}
        </fieldset>
        <Command request={request} refused={Object.keys(refused).length > 0} />
      </div>
    </details>
  );
}

interface NumberProps {
  name: Typed;
  label: string;
  hint?: string;
  value: string;
  refusal: string | undefined;
  onChange(change: Partial<LabForm>): void;
}

function NumberField({ name, label, hint, value, refusal, onChange }: NumberProps) {
  const id = `lab-${name}`;
  const beneath = refusal ? ended(sentence(refusal)) : hint;
  return (
    <div className="grid min-w-0 content-start gap-1">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        inputMode="decimal"
        autoComplete="off"
        aria-invalid={refusal !== undefined}
        aria-describedby={beneath ? `${id}-note` : undefined}
        onChange={(event) => onChange({ [name]: event.target.value })}
        className={`${field} tabular-nums`}
      />
      {beneath ? (
        <p id={`${id}-note`} className={`text-xs ${refusal ? 'text-bad' : 'text-muted'}`}>
          {beneath}
        </p>
      ) : null}
    </div>
  );
}

const sentence = (words: string) => words[0].toUpperCase() + words.slice(1);

function Command({ request, refused }: { request: LabRequest; refused: boolean }) {
  const command = labCommand(BOARD, request);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <p className="flex flex-wrap items-center gap-3">
        <span>The same in the terminal:</span>
        {refused ? null : <CopyButton text={command} />}
      </p>
      {refused ? (
        <p className="text-muted">The command stands here once every field is in its range.</p>
      ) : (
        <pre className="whitespace-pre-wrap rounded-md bg-panel p-3 text-xs">
          <code>{command}</code>
        </pre>
      )}
    </div>
  );
}
