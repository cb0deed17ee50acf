/** A site's public API over HTTP. What passes (outages, limits, lost connections) is waited out; what does not is a refusal. */
import { type Request, SiteApi } from '../site-api';

export interface SiteWorld {
  fetch: typeof globalThis.fetch;
  /** Rejects when the signal comes first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  signal: AbortSignal;
  log(line: string): void;
}

/** Waits before another attempt; the site's own Retry-After counts where it is longer. */
const WAITS_MS = [1000, 2000, 5000, 10_000, 20_000];
/** A limit that ends later than this is the reader's to wait for. */
const LONGEST_WAIT_S = 120;

export class Site {
  private readonly api: SiteApi;

  constructor(
    server: string,
    token: string,
    private readonly world: SiteWorld,
  ) {
    this.api = new SiteApi(server, token, world.fetch);
  }

  async ask(request: Request): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.api.once(request, this.world.signal);
      if (!answer.refusal) return answer.body;
      const tooLong = answer.retryAfterS > LONGEST_WAIT_S;
      if (!answer.passing || tooLong || attempt === WAITS_MS.length) throw answer.refusal;
      const waitMs = Math.max(WAITS_MS[attempt], 1000 * answer.retryAfterS);
      this.world.log(`${answer.refusal.message}; trying again in ${Math.ceil(waitMs / 1000)} s`);
      await this.world.wait(waitMs, this.world.signal);
    }
  }
}
