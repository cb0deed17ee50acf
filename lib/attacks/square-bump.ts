/** The shape that Square adds to a window in L2: two opposite bumps, one in each half (arXiv 1912.00049, §4.3). */

const divided = (values: Float64Array) => {
  const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return norm > 0 ? values.map((v) => v / norm) : values;
};

/** One bump of unit L2 norm on rows × columns: Σ 1/(k+1)² over the nested rectangles about the centre that hold a place. */
export function bump(rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  let [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  for (let k = 0, most = Math.max(top, left) + 1; k < most; k++, top--, left--) {
    for (let r = Math.max(top, 0); r < Math.min(top + 2 * k + 1, rows); r++)
      for (let c = Math.max(left, 0); c < Math.min(left + 2 * k + 1, columns); c++) out[r * columns + c] += 1 / (k + 1) ** 2;
  }
  return divided(out);
}

const kept = new Map<number, Float64Array>();

/** Unit L2 norm, side × side, row by row: a bump above, its opposite below. Kept, since sides come again and again. */
export function doubleBump(side: number): Float64Array {
  const known = kept.get(side);
  if (known) return known;
  const above = Math.floor(side / 2);
  const out = new Float64Array(side * side);
  out.set(bump(above, side));
  out.set(
    bump(side - above, side).map((v) => -v),
    above * side,
  );
  const made = divided(out);
  kept.set(side, made);
  return made;
}
