/** One of the few numbers that a reader takes away; stands in a `dl`. */
export function BigNumber({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div className="bg-bg p-4">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="mt-1 text-2xl font-semibold tracking-tight">{value}</dd>
      {note ? <dd className="mt-0.5 text-xs text-muted">{note}</dd> : null}
    </div>
  );
}
