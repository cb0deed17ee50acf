interface Props {
  label: string;
  /** What it is called when none is picked. */
  none: string;
  options: readonly { id: number; name: string }[];
  value: number | undefined;
  onPick(value: number | undefined): void;
}

/** One of the drawing's classes or images, or none. */
export function PickOne({ label, none, options, value, onPick }: Props) {
  return (
    <label className="flex flex-wrap items-center gap-2">
      {label}
      <select
        value={value ?? ''}
        onChange={({ currentTarget }) => onPick(currentTarget.value === '' ? undefined : Number(currentTarget.value))}
        className="max-w-full rounded-md border border-line bg-bg px-2 py-1"
      >
        <option value="">{none}</option>
        {options.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
