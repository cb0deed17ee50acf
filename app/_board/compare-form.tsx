/** What the ticks in the table are sent by; a plain form, so that it works before any script. */
const ID = 'compare-rows';

export function CompareForm({ board }: { board: string }) {
  return (
    <form id={ID} action="/compare" method="get" className="text-sm">
      <input type="hidden" name="board" value={board} />
      <button type="submit" className="rounded-md border border-line px-3 py-1.5 hover:bg-panel">
        Compare ticked rows
      </button>
    </form>
  );
}

/** A row's tick. */
export function Tick({ slug, version, name }: { slug: string; version: number; name: string }) {
  return (
    <input
      type="checkbox"
      name="m"
      value={`${slug}@${version}`}
      form={ID}
      aria-label={`Compare ${name}${version > 1 ? ` v${version}` : ''}`}
      className="mr-2 size-4 align-[-0.15em] accent-accent"
    />
  );
}
