/** Files by the SHA-256 of their bytes: written once, never changed, the same for every store behind it. */
export interface Blobs {
  /** Stores bytes that the caller has checked against their name. Storing the same again changes nothing. */
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  has(sha256: string): Promise<boolean>;
  /** Undefined if there is none. */
  get(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  delete(sha256: string): Promise<void>;
}

const NAME = /^[0-9a-f]{64}$/;

/** A blob's key in a store; two letters of it make a folder, so that none grows too large. */
export function blobKey(sha256: string): string {
  if (!NAME.test(sha256)) throw new Error(`expected 64 hexadecimal digits, got ${JSON.stringify(sha256)}`);
  return `${sha256.slice(0, 2)}/${sha256}`;
}

/** A store that could not be reached or is full; the sentence is fit for visitors, the cause is not. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'store-unavailable';
}

export function storeFailure(what: string, cause: unknown): StoreUnavailable {
  const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
  const message = full
    ? 'the site has no space left for files; what was there is kept, try again later'
    : `a file could not be ${what}; what was there is kept, try again`;
  return new StoreUnavailable(message, { cause });
}
