import { useId } from 'react';

interface Props<T extends string | number> {
  label: string;
  value: T;
  options: readonly { id: T; label: string }[];
  onChange(value: T): void;
}

/** One of a few, under its name. */
export function Select<T extends string | number>({ label, value, options, onChange }: Props<T>) {
  const id = useId();
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-1 text-sm">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(options[event.target.selectedIndex].id)}
        className="h-9 w-full rounded-md border border-line bg-bg px-2 disabled:opacity-60"
      >
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
