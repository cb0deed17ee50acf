/** The site’s own API from a page. Refusals are values with the API’s stable codes. */

export interface SiteProblem {
  /** `unreachable` where no answer came; else the API’s code. */
  code: string;
  message: string;
  retryAfterSeconds?: number;
}
export type SiteAnswer = { ok: true; body: unknown } | { ok: false; problem: SiteProblem };

const UNREACHABLE: SiteAnswer = { ok: false, problem: { code: 'unreachable', message: 'the site could not be reached' } };

/** An answer of the API, whatever it holds. */
export function readAnswer(status: number, text: string, retryAfter: string | null): SiteAnswer {
  let body: unknown;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    body = null;
  }
  if (status >= 200 && status < 300) return { ok: true, body };
  const error = (body as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  const seconds = Number(retryAfter);
  return {
    ok: false,
    problem: {
      code: typeof error?.code === 'string' ? error.code : 'internal',
      message: typeof error?.message === 'string' ? error.message : `the site answered ${status}`,
      ...(seconds > 0 ? { retryAfterSeconds: seconds } : {}),
    },
  };
}

export async function askSite(method: 'GET' | 'POST' | 'DELETE', path: string, body?: string, signal?: AbortSignal): Promise<SiteAnswer> {
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body }),
      ...(signal ? { signal } : {}),
    });
    return readAnswer(response.status, await response.text(), response.headers.get('Retry-After'));
  } catch {
    return UNREACHABLE;
  }
}

/** Sends bytes; `onSent` hears how many have left, which fetch does not tell. */
export function sendBytes(path: string, content: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<SiteAnswer> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = (answer: SiteAnswer) => {
      signal.removeEventListener('abort', abort);
      resolve(answer);
    };
    request.open('PUT', `/api/v1${path}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => end(readAnswer(request.status, request.responseText, request.getResponseHeader('Retry-After')));
    request.onerror = () => end(UNREACHABLE);
    request.onabort = () => end(UNREACHABLE);
    if (signal.aborted) return end(UNREACHABLE);
    signal.addEventListener('abort', abort);
    request.send(content);
  });
}
