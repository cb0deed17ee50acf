import { describe, expect, it } from 'vitest';
import { type Kept, type Plan, type SendStep, type SendWorld, type Submission, send, stepsOf } from './send';
import type { SiteAnswer } from './site-client';

const plan: Plan = {
  request: { name: 'x' },
  files: [
    { path: 'model.json', sha256: 'a', bytes: 10 },
    { path: 'w.bin', sha256: 'b', bytes: 100 },
  ],
  claim: true,
  publish: true,
};

const ok = (body: unknown): SiteAnswer => ({ ok: true, body });
const no = (code: string, retryAfterSeconds?: number): SiteAnswer => ({
  ok: false,
  problem: { code, message: `it is ${code}`, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) },
});

/** A site in memory. `faults` answers in its place, once for each entry that is not undefined. */
function site(faults: (method: string, path: string, nth: number) => SiteAnswer | undefined = () => undefined) {
  const at: Submission = { versionId: 'v', slug: 'x', number: 1, state: 'uploading', missing: ['a', 'b'] };
  const calls: string[] = [];
  const steps: SendStep[] = [];
  const bytes: number[] = [];
  let kept: Kept = {};
  let exists = false;
  const stop = new AbortController();
  const answer = (method: string, path: string): SiteAnswer => {
    const call = `${method} ${path}`;
    calls.push(call);
    const fault = faults(method, path, calls.filter((c) => c === call).length);
    if (fault) return fault;
    if (path === '/submissions') exists = true;
    if (path.startsWith('/models/')) return ok({ name: 'First name' });
    if (path === '/runs') return ok({ state: 'self-reported' });
    if (!exists) return no('not-found');
    const file = /files\/(.)$/.exec(path)?.[1];
    if (file) at.missing = at.missing.filter((m) => m !== file);
    if (path.endsWith('/check')) {
      if (at.missing.length) return no('files-missing');
      at.state = 'draft';
    }
    if (path.endsWith('/publish')) at.state = 'public';
    return ok({ ...at, missing: [...at.missing] });
  };
  const world: SendWorld = {
    ask: async (method, path) => answer(method, path),
    put: async (path, _, onSent) => {
      onSent(5);
      return answer('PUT', path);
    },
    measure: async () => 'report',
    wait: async () => undefined,
    onStep: (step) => steps.push(step),
    onBytes: (n) => bytes.push(n),
    onKept: (k) => {
      kept = k;
    },
    signal: stop.signal,
  };
  return { at, calls, steps, bytes, world, stop, kept: () => kept };
}

describe('send', () => {
  it('goes through every step and sends every byte once', async () => {
    const s = site();
    const outcome = await send(plan, s.world);
    expect(outcome).toMatchObject({ ok: true, kept: { claimed: 'self-reported', submission: { state: 'public' } } });
    expect(s.steps).toEqual(stepsOf(plan));
    expect(s.bytes).toEqual([0, 5, 10, 15, 110]);
    expect(s.calls.filter((c) => c.startsWith('PUT'))).toHaveLength(2);
  });

  it('adds the report before it publishes, so that the row appears with its numbers', async () => {
    const s = site();
    await send(plan, s.world);
    expect(s.calls.indexOf('POST /runs')).toBeLessThan(s.calls.indexOf('POST /submissions/v/publish'));
  });

  it('knows the name that weights have on the site, which may be an earlier one', async () => {
    const s = site();
    expect((await send(plan, s.world)).kept.name).toBe('First name');
    expect(s.calls.filter((c) => c === 'GET /models/x')).toHaveLength(1);
  });

  it('leaves out what is not wished', async () => {
    const s = site();
    await send({ ...plan, claim: false, publish: false }, s.world);
    expect(s.steps).toEqual(['begin', 'upload', 'check']);
    expect(s.at.state).toBe('draft');
  });

  it('tries an outage again by itself, and then breaks off with what was reached', async () => {
    const s = site((method, _, nth) => (method === 'PUT' && nth < 3 ? no('unreachable') : undefined));
    expect((await send(plan, s.world)).ok).toBe(true);
    const t = site((method, path) => (method === 'PUT' && path.endsWith('b') ? no('unreachable') : undefined));
    const broken = await send(plan, t.world);
    expect(broken).toMatchObject({ ok: false, step: 'upload', problem: { code: 'unreachable', message: 'it is unreachable' } });
    expect(broken.kept.submission?.missing).toEqual(['b']);
  });

  it('goes on after a break without sending again what has arrived', async () => {
    let down = true;
    const s = site((method, path) => (down && method === 'PUT' && path.endsWith('b') ? no('store-unavailable') : undefined));
    const broken = await send(plan, s.world);
    down = false;
    s.calls.length = 0;
    expect((await send(plan, s.world, broken.kept)).ok).toBe(true);
    expect(s.calls).toEqual([
      'GET /submissions/v',
      'PUT /submissions/v/files/b',
      'POST /submissions/v/check',
      'POST /runs',
      'POST /submissions/v/publish',
    ]);
  });

  it('does not measure again what was measured, nor publish what is public', async () => {
    const s = site((_, path, nth) => (path.endsWith('/publish') && nth === 1 ? no('internal') : undefined));
    const broken = await send(plan, s.world);
    expect(broken).toMatchObject({ ok: false, step: 'publish' });
    s.at.state = 'public'; // the answer got lost, the deed was done
    s.world.measure = () => Promise.reject(new Error('not again'));
    expect((await send(plan, s.world, broken.kept)).ok).toBe(true);
    expect(s.calls.filter((c) => c === 'POST /runs')).toHaveLength(1);
  });

  it('sends a file again that the site lost', async () => {
    const s = site();
    const ask = s.world.ask;
    let lost = false;
    s.world.ask = async (method, path, body) => {
      if (path.endsWith('/check') && !lost) {
        lost = true;
        s.at.missing = ['b'];
      }
      return ask(method, path, body);
    };
    expect((await send(plan, s.world)).ok).toBe(true);
    expect(s.calls.filter((c) => c === 'PUT /submissions/v/files/b')).toHaveLength(2);
  });

  it('begins anew where the submission was discarded or refused meanwhile', async () => {
    const s = site();
    expect((await send(plan, s.world, { submission: { ...s.at, versionId: 'gone' } })).ok).toBe(true);
    expect(s.calls.slice(0, 2)).toEqual(['GET /submissions/gone', 'POST /submissions']);
  });

  it('does not insist where the site says no, or wants a long wait', async () => {
    for (const refusal of [no('duplicate-model'), no('too-many-requests', 3600)]) {
      const s = site((_, path) => (path === '/submissions' ? refusal : undefined));
      const outcome = await send(plan, s.world);
      expect(outcome).toMatchObject({ ok: false, step: 'begin' });
      expect(s.calls).toHaveLength(1);
    }
  });

  it('stops where it is told to, and keeps what it has', async () => {
    const s = site();
    s.world.measure = async () => {
      s.stop.abort();
      throw new Error('stopped');
    };
    expect(await send(plan, s.world)).toMatchObject({
      ok: false,
      step: 'measure',
      problem: { code: 'stopped' },
      kept: { submission: { state: 'draft' } },
    });
  });

  it('says why the model could not be measured', async () => {
    const s = site();
    s.world.measure = () => Promise.reject(new Error('the GPU was lost'));
    expect(await send(plan, s.world)).toMatchObject({
      ok: false,
      step: 'measure',
      problem: { code: 'not-measured', message: 'the GPU was lost' },
    });
  });
});
