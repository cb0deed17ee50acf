/** When APGD looks back, and what it decides then (Croce & Hein, arXiv 2003.01690, §3). */

/** Share of steps in a window that have to raise the loss. */
export const RHO = 0.75;

/**
 * Windows of a run of so many steps: after which step (0-based) each ends, and how many steps it has. The first has 22 % of the
 * steps, each next one 3 % of them less, down to 6 %.
 */
export function checkpoints(iterations: number): { step: number; window: number }[] {
  const share = (percent: number) => Math.max(Math.floor((percent * iterations) / 100), 1);
  const [shrink, least] = [share(3), share(6)];
  const all: { step: number; window: number }[] = [];
  let window = share(22);
  for (let step = window - 1; step < iterations; step += window) {
    all.push({ step, window });
    window = Math.max(window - shrink, least);
  }
  return all;
}

/**
 * Whether at most ρ of the window's steps raised the loss. losses: after each step; before the first one counts as 0, which the
 * published program reads there, whatever the loss at the start was.
 */
export function oscillates(losses: ArrayLike<number>, step: number, window: number, rho = RHO): boolean {
  let raised = 0;
  for (let i = step; i > step - window; i--) if (losses[i] > (i > 0 ? losses[i - 1] : 0)) raised++;
  return raised <= window * rho;
}
