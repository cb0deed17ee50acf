interface Props {
  label: string;
  value: number;
  min: number;
  max: number;
  /** The value in words. */
  text: string;
  onChange(value: number): void;
}

export function Slider({ label, value, min, max, text, onChange }: Props) {
  return (
    <label className="grid grid-cols-[3rem_1fr_4.5rem] items-center gap-2">
      {label}
      <input
        type="range"
        {...{ min, max, value }}
        aria-valuetext={text}
        onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
        className="w-full accent-accent"
      />
      <span className="text-right text-muted">{text}</span>
    </label>
  );
}
