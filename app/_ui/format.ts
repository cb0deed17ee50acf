/** Numbers as people read them. */

/** 0.5713 → "57.1" */
export const percent = (fraction: number) => (100 * fraction).toFixed(1);

const powerOfTen = (value: number, digits: number) => value.toExponential(digits).replace('e', '·10^').replace('^+', '^');
const isExtreme = (value: number) => Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3;

/** Three significant digits, zeros kept ("1.80"); very small and very large numbers in powers of ten. */
export function significant(value: number | null | undefined): string {
  if (value === null || value === undefined) return 'not defined';
  if (value === 0) return '0';
  if (isExtreme(value)) return powerOfTen(value, 2);
  return Math.abs(value) >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

/** A round number on an axis. */
export const tick = (value: number) => (value !== 0 && isExtreme(value) ? powerOfTen(value, 0) : String(Number(value.toPrecision(6))));

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${Math.round(count / 1000)} kB`;
  return `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
}

export function duration(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 1) return 'under 1 s';
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/** A duration that is only known roughly. */
export function roughly(ms: number): string {
  const s = ms / 1000;
  if (s < 5) return 'A few seconds';
  if (s < 55) return `About ${Math.ceil(s / 5) * 5} seconds`;
  if (s < 5400) return `About ${Math.max(1, Math.round(s / 60))} min`;
  return `About ${(s / 3600).toFixed(1)} hours`;
}

export const count = (n: number) => n.toLocaleString('en');
export const degrees = (radians: number) => `${((radians * 180) / Math.PI).toFixed(1)}°`;

/** A p value from its natural logarithm, which holds what a float64 p cannot: "0.031", "4.1·10^-120". */
export function probability(lnP: number): string {
  const p = Math.exp(lnP);
  if (p >= 0.001) return p.toPrecision(2);
  const exponent = Math.floor(lnP / Math.LN10);
  const leading = Math.exp(lnP - exponent * Math.LN10).toFixed(1);
  return leading === '10.0' ? `1.0·10^${exponent + 1}` : `${leading}·10^${exponent}`;
}

/** What somebody wrote, as the end of a sentence of ours: with a full stop, unless it has an end of its own. */
export const ended = (text: string): string => (/[.!?…]["”’)]?$/.test(text.trimEnd()) ? text.trimEnd() : `${text}.`);
