/** What a spot check of a claim misses and costs, computed: nothing is measured here. */
import { drawnBy, meanCost, spotOdds } from '../lib/protocol/spot-check';

const ROBUST = [500, 1000, 3000, 5700, 10_000];
const LIES = [25, 50, 100];
/** Shares of honest samples that break on another engine. */
const FLIPS = [0, 1e-4, 1e-3];

const share = (p: number) => (p < 1e-3 ? p.toExponential(1) : p.toFixed(3));
const percent = (p: number) => `${(100 * p).toFixed(1)} %`;
const row = (cells: readonly (string | number)[]) => `| ${cells.map((cell, i) => String(cell).padStart(i ? 10 : 12)).join(' | ')} |`;

export function spotCheckBench(): void {
  console.log('\nspot checks: the chance that so many lies pass, and the mean cost of an honest claim at a rate of flips');
  console.log(row(['robust', 'stage 1', 'stage 2', ...LIES.map((n) => `${n} lies`), ...FLIPS.map((f) => `f = ${f}`)]));
  console.log(row(Array.from({ length: 3 + LIES.length + FLIPS.length }, (_, i) => '-'.repeat(i ? 10 : 12))));
  for (const n of ROBUST)
    console.log(
      row([
        ...[n, drawnBy(n, 1), drawnBy(n, 2)],
        ...LIES.map((lies) => share(spotOdds(n, lies).passed)),
        ...FLIPS.map((f) => percent(meanCost(n, f))),
      ]),
    );
}
