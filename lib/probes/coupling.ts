/**
 * Coupling of gradients, after Pezeshki et al., “Gradient Starvation” (arXiv 2011.09468): where the gradients of many images lie along few
 * directions, a step for one is a step for all, and what only other directions could teach is starved. The paper takes the spectrum of the
 * outputs' gradients; here it is that of the loss, in the last layer only, where it has a closed form: with residual r_n = softmax(z_n) − e_y,
 *
 *   ∂L_n/∂W = h_n r_nᵀ, ∂L_n/∂b = r_n,  so  G_nm = ⟨g_n, g_m⟩ = (r_n·r_m)(h_n·h_m + 1)   (no + 1 where there is no bias).
 *
 * Eigenvalues λ_1 ≥ λ_2 ≥ … of G [N × N], as shares p_k = λ_k/Σλ; effective ranks (Σλ)²/Σλ² and exp(−Σ p ln p), each 1 … N; and p_1.
 * `loss`: as they are, so that images the network is unsure of weigh most. `direction`: every g_n scaled to length 1, so that all weigh the
 * same; images without a gradient are left out. Float64 throughout, logits too; the residual of a certain image is −Σ_{c≠y} p_c, not p_y − 1.
 */

import { type Answer, none } from './answer';
import { eigenvalues } from './eigenvalues';
import type { Features, Head } from './feature-data';

export interface Spectrum {
  /** λ_k/Σλ, the largest first, up to `KEPT` of them. */
  shares: number[];
  /** (Σλ)²/Σλ² */
  participation: number;
  /** exp of the entropy of the shares */
  entropyRank: number;
}

export interface Coupling {
  images: number;
  /** Images whose gradient is not zero. */
  active: number;
  loss: Spectrum;
  direction: Spectrum;
}

/** Images that are looked at, from the first. */
export const COUPLING_IMAGES = 200;
const KEPT = 20;

export function gradientCoupling(head: Head, train: Features): Answer<Coupling> {
  const images = Math.min(COUPLING_IMAGES, train.labels.length);
  if (head.classes < 2) return none('there is one class, so the loss has no gradient');
  const gram = gradientGram(head, train, images);
  const active = Array.from({ length: images }, (_, n) => n).filter((n) => gram[n * images + n] > 0);
  if (active.length === 0) return none('no image has a gradient: every one is named with certainty');
  const part = (scale: (n: number) => number) =>
    Float64Array.from({ length: active.length ** 2 }, (_, k) => {
      const [n, m] = [active[Math.floor(k / active.length)], active[k % active.length]];
      return gram[n * images + m] * scale(n) * scale(m);
    });
  // Scaled by the largest, so that squares of tiny gradients do not vanish.
  const largest = Math.sqrt(active.reduce((most, n) => Math.max(most, gram[n * images + n]), 0));
  const loss = spectrumOf(
    part(() => 1 / largest),
    active.length,
  );
  const direction = spectrumOf(
    part((n) => 1 / Math.sqrt(gram[n * images + n])),
    active.length,
  );
  return { result: { images, active: active.length, loss, direction } };
}

/** G of the first so many images, row-major. */
export function gradientGram({ dim, classes, kernel, bias }: Head, { features, labels }: Features, images: number): Float64Array {
  const residuals = new Float64Array(images * classes);
  for (let n = 0; n < images; n++) {
    const z = new Float64Array(classes);
    for (let c = 0; c < classes; c++) z[c] = bias?.[c] ?? 0;
    for (let i = 0; i < dim; i++) for (let c = 0; c < classes; c++) z[c] += features[n * dim + i] * kernel[i * classes + c];
    const top = z.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = z.reduce((sum, v) => sum + Math.exp(v - top), 0);
    let others = 0;
    for (let c = 0; c < classes; c++) {
      if (c === labels[n]) continue;
      const p = Math.exp(z[c] - top) / total;
      residuals[n * classes + c] = p;
      others += p;
    }
    residuals[n * classes + labels[n]] = -others;
  }
  const gram = new Float64Array(images * images);
  for (let n = 0; n < images; n++) {
    for (let m = n; m < images; m++) {
      let [r, h] = [0, bias ? 1 : 0];
      for (let c = 0; c < classes; c++) r += residuals[n * classes + c] * residuals[m * classes + c];
      for (let i = 0; i < dim; i++) h += features[n * dim + i] * features[m * dim + i];
      gram[n * images + m] = gram[m * images + n] = r * h;
    }
  }
  return gram;
}

/** Of a positive semidefinite matrix that is not zero; what rounding leaves below zero counts as zero. */
export function spectrumOf(matrix: Float64Array, n: number): Spectrum {
  const values = eigenvalues(matrix, n).map((v) => Math.max(0, v));
  const total = values.reduce((a, b) => a + b, 0);
  const shares = Array.from(values, (v) => v / total);
  const squares = shares.reduce((sum, p) => sum + p * p, 0);
  const entropy = shares.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
  return { shares: shares.slice(0, KEPT), participation: 1 / squares, entropyRank: Math.exp(entropy) };
}
