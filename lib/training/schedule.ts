/** How the learning rate goes with the share of training that is done, t = 0 … 1. */
export const SCHEDULES = {
  /** (1 + cos πt)/2, Loshchilov & Hutter, arXiv 1608.03983. */
  cosine: (t: number) => (1 + Math.cos(Math.PI * t)) / 2,
  /** The paper's: a tenth from 25 %, a hundredth from 37.5 % of training on. */
  steps: (t: number) => (t < 0.25 ? 1 : t < 0.375 ? 0.1 : 0.01),
  constant: () => 1,
} satisfies Record<string, (t: number) => number>;

export type ScheduleId = keyof typeof SCHEDULES;
export const SCHEDULE_IDS = Object.keys(SCHEDULES) as ScheduleId[];
