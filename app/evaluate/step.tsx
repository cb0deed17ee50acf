/** A numbered part of the page. */
export function Step({ number, title, children }: { number: number; title: string; children: React.ReactNode }) {
  return (
    <section aria-labelledby={`step-${number}`}>
      <h2 id={`step-${number}`} className="mb-3 flex items-center gap-2 text-lg font-semibold">
        <span aria-hidden="true" className="grid size-6 place-items-center rounded-full bg-panel text-sm text-muted ring-1 ring-line">
          {number}
        </span>
        {title}
      </h2>
      {children}
    </section>
  );
}
