/** Preloaded into a runner's process (NODE_OPTIONS): its clock is wrong by SHIFT_CLOCK_MS, its timers are not. */
const shift = Number(process.env.SHIFT_CLOCK_MS ?? 0);
const TrueDate = Date;

globalThis.Date = class extends TrueDate {
  constructor(...given) {
    if (given.length === 0) super(TrueDate.now() + shift);
    else super(...given);
  }
  static now() {
    return TrueDate.now() + shift;
  }
};
