/** Witness files to the site, and what became of them. */
import { askSite, readAnswer, type SiteAnswer } from '@/app/submit/site-client';

export interface Judged {
  state: 'queued' | 'active' | 'judged' | 'failed' | 'cancelled';
  images: number;
  ahead: number | null;
  reason: string | null;
  broken: number;
  first: number;
  ambiguous: number;
  held: number;
}

/** Same bytes, same key: sent twice they are a file once. */
export async function sendWitnessFile(
  slug: string,
  board: string,
  file: Uint8Array,
): Promise<{ ok: true; id: string } | { ok: false; message: string }> {
  let answer: SiteAnswer;
  try {
    const response = await fetch(`/api/v1/models/${slug}/witnesses?board=${board}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/gzip' },
      body: file as Uint8Array<ArrayBuffer>,
    });
    answer = readAnswer(response.status, await response.text(), response.headers.get('Retry-After'));
  } catch {
    return { ok: false, message: 'The site could not be reached; nothing was lost, send it again.' };
  }
  return answer.ok ? { ok: true, id: (answer.body as { id: string }).id } : { ok: false, message: answer.problem.message };
}

/** Undefined where the site did not answer just now. */
export async function judgedOf(id: string, signal: AbortSignal): Promise<Judged | undefined> {
  const answer = await askSite('GET', `/witnesses/${id}`, undefined, signal);
  return answer.ok ? (answer.body as Judged) : undefined;
}

const images = (n: number) => `${n} ${n === 1 ? 'image' : 'images'}`;

/** Where a file stands, as a sentence. */
export function sentenceOf({ state, images: count, ahead, reason, broken, first, ambiguous, held }: Judged): string {
  if (state === 'queued') return `${images(count)}: waiting for a runner${ahead ? `, ${ahead} ahead` : ''}${reason ? ` (${reason})` : ''}.`;
  if (state === 'active') return `${images(count)}: a runner is looking at them.`;
  if (state === 'failed')
    return `${images(count)}: they could not be judged${reason ? `: ${reason}` : ''}. Send them again to try once more.`;
  if (state === 'cancelled') return `${images(count)}: the judgement was cancelled. Send them again to try once more.`;
  const rest = [ambiguous ? `${ambiguous} too close to tell` : '', held ? `${held} not broken` : ''].filter(Boolean);
  if (broken === 0) return `Judged: none of the ${images(count)} is broken${rest.length ? ` (${rest.join(', ')})` : ''}.`;
  return `Accepted: ${broken} broken, ${first} of them new to the board${rest.length ? `; ${rest.join(', ')}` : ''}.`;
}
