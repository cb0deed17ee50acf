/** The accounts’ server from a page: better-auth’s own routes, by fetch. */
import type { Refusal } from './credentials';

export type Answer = { ok: true; body: Record<string, unknown> } | { ok: false; refusal: Refusal };

export async function askAccounts(path: string, body: Record<string, unknown>): Promise<Answer> {
  try {
    const response = await fetch(`/api/auth${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    if (response.ok) return { ok: true, body: said ?? {} };
    const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
    const retryAfterSeconds = Number(response.headers.get('X-Retry-After')) || undefined;
    return { ok: false, refusal: { status: response.status, code: text(said?.code), message: text(said?.message), retryAfterSeconds } };
  } catch {
    return { ok: false, refusal: { status: 0 } };
  }
}
