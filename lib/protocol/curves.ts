/**
 * Accuracy of the first test images against what an attack may do. Every curve falls by definition: along radius and steps the
 * attack goes on from the images that the point before it left, and with so many restarts an image holds that holds under each.
 */
import { CURVE_ITERATIONS, CURVE_RADII, CURVE_RESTARTS, checkCount, type ProbesRequest } from './probes';
import type { Report } from './report';

export function curves(request: ProbesRequest, holds: ReadonlyMap<string, readonly boolean[]>): Pick<Report, 'curves'> {
  const samples = checkCount(request);
  if (!request.curves || samples === 0) return {};
  const of = (id: string) => (holds.get(id) ?? []).slice(0, samples);
  const point = (at: number, held: readonly boolean[]) => {
    const correct = held.filter(Boolean).length;
    return { at, correct, accuracy: correct / samples };
  };
  const clean = point(0, of('clean'));
  const radii = CURVE_RADII.map((factor, i) => point(factor * request.board.epsilon, of(`curve-radius-${i}`)));
  // Nothing is to be seen beyond the first radius at which no image holds.
  const gone = radii.findIndex(({ correct }) => correct === 0);
  let joined = of('clean').map(() => true);
  const restarts = Array.from({ length: CURVE_RESTARTS }, (_, i) => {
    joined = of(`curve-restart-${i}`).map((held, n) => held && joined[n]);
    return point(i + 1, joined);
  });
  return {
    curves: {
      samples,
      radius: { attack: 'apgd-ce', points: [clean, ...(gone < 0 ? radii : radii.slice(0, gone + 1))] },
      steps: { attack: 'apgd-ce', points: CURVE_ITERATIONS.map((steps, i) => point(steps, of(`curve-steps-${i}`))) },
      restarts: { attack: 'pgd-10', points: restarts },
    },
  };
}
