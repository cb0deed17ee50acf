/** How large Square's squares are (Andriushchenko et al., arXiv 1912.00049, §4 and app. B). */

const FIRST_SHARE = 0.8;
/** After these queries the share of the image that a square covers halves. */
const HALVINGS = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** Share of pixels in the square of a query, from 0; for AutoAttack's 5 000 queries the schedule is not rescaled. */
export const squareShare = (query: number): number => FIRST_SHARE / 2 ** HALVINGS.filter((after) => query > after).length;

/** To the nearest whole number, halves to the even one. */
function nearestEven(v: number): number {
  const low = Math.floor(v);
  if (v - low !== 0.5) return Math.round(v);
  return low % 2 === 0 ? low : low + 1;
}

/** Side of the square: √(share·h·w), at least 1; L2: at least 3 and odd, since it holds two halves about a centre. */
export function squareSide(norm: 'linf' | 'l2', query: number, height: number, width: number): number {
  const side = nearestEven(Math.sqrt(squareShare(query) * height * width));
  const whole = norm === 'linf' ? Math.max(side, 1) : Math.max(side, 3) | 1;
  return Math.min(whole, height, width);
}
