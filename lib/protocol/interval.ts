/** 95 % Wilson score interval of a proportion (Wilson 1927); 1.959964 = Φ⁻¹(0.975). Null without samples. */
export function wilson95(successes: number, samples: number): [number, number] | null {
  if (samples === 0) return null;
  const z = 1.959963984540054;
  const p = successes / samples;
  const centre = p + (z * z) / (2 * samples);
  const half = z * Math.sqrt((p * (1 - p)) / samples + (z * z) / (4 * samples * samples));
  const scale = 1 + (z * z) / samples;
  // At the ends the bound is exact; rounding must not push it past.
  const low = successes === 0 ? 0 : Math.max(0, (centre - half) / scale);
  const high = successes === samples ? 1 : Math.min(1, (centre + half) / scale);
  return [low, high];
}
