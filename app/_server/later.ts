/** Work that nobody waits for: after the answer where a request is under way, at once elsewhere. A failure is logged. */
import { after } from 'next/server';

export function later(what: string, work: () => Promise<unknown>): void {
  const done = () =>
    work().then(
      () => undefined,
      (error: Error) => console.error(`${what}: ${error.message}`),
    );
  try {
    after(done);
  } catch {
    // Outside of a request, in a test for instance.
    void done();
  }
}
