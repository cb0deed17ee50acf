'use client';

import { useHydrated } from '../_ui/use-hydrated';

/** A few words of which one is chosen, side by side. */
export function Choice<T extends string>({
  legend,
  name,
  options,
  value,
  onChange,
  disabled = false,
}: {
  legend: string;
  name: string;
  options: readonly { id: T; label: string }[];
  value: T;
  onChange(id: T): void;
  disabled?: boolean;
}) {
  const hydrated = useHydrated();
  return (
    <fieldset disabled={disabled || !hydrated} className={`text-sm ${disabled ? 'opacity-60' : ''}`}>
      <legend className="mb-1 text-muted">{legend}</legend>
      <div className="inline-flex flex-wrap overflow-hidden rounded-md border border-line">
        {options.map(({ id, label }) => (
          <label
            key={id}
            className="border-line px-3 py-1.5 not-first:border-l has-checked:bg-accent has-checked:text-accent-fg has-focus-visible:outline-2 has-focus-visible:-outline-offset-2"
          >
            <input type="radio" name={name} className="sr-only" checked={value === id} onChange={() => onChange(id)} />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
