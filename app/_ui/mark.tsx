/** The sign of the house: a simplex with its centre. */
export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" className="text-accent">
      <path d="M11 3 20 19H2Z" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
      <path d="M11 13.6 11 3M11 13.6 20 19M11 13.6 2 19" stroke="currentColor" strokeWidth="0.9" opacity="0.6" />
      {[
        [11, 3],
        [20, 19],
        [2, 19],
      ].map(([x, y]) => (
        <circle key={x} cx={x} cy={y} r="2" fill="currentColor" />
      ))}
    </svg>
  );
}
