/** A part that scrolls sideways on its own when it is too wide; reachable by keyboard, as scrolling must be. */
export function ScrollArea({ label, className, children }: { label: string; className?: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a focusable element inside, only this lets a keyboard scroll it (WCAG 2.1.1).
    <section aria-label={label} tabIndex={0} className={`overflow-auto ${className ?? ''}`}>
      {children}
    </section>
  );
}
