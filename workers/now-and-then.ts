/** A listener for what happens far more often than anybody can look. */

/** Often enough that a bar moves, seldom enough that messages cost nothing. */
const PAUSE_MS = 400;

/** Passes a value on where the last one that it passed on is long enough ago. Nothing is kept for later: the end is said otherwise. */
export function nowAndThen<T>(say: (value: T) => void, now: () => number = () => performance.now()): (value: T) => void {
  let last = now();
  return (value) => {
    const at = now();
    if (at - last < PAUSE_MS) return;
    last = at;
    say(value);
  };
}
