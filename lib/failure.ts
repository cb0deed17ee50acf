/**
 * Failures that a person can act on. The code is stable; the message is one sentence (or one reason a line) that names
 * the file, layer or field and says what would be right.
 */
export type FailureCode =
  | 'arguments'
  | 'model-refused'
  | 'data-unavailable'
  | 'data-damaged'
  | 'device-lost'
  | 'out-of-memory'
  | 'computation-failed'
  /** A training whose numbers are no longer finite. */
  | 'diverged'
  | 'does-not-hold'
  | 'stopped';

export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A failure as it crosses a thread. */
export interface PlainFailure {
  code: FailureCode;
  message: string;
  stack?: string;
}

export function toPlainFailure(error: unknown): PlainFailure {
  if (error instanceof Failure) return { code: error.code, message: error.message, stack: error.stack };
  const e = error instanceof Error ? error : new Error(String(error));
  return { code: 'computation-failed', message: e.message, stack: e.stack };
}

export function fromPlainFailure(plain: PlainFailure): Failure {
  const failure = new Failure(plain.code, plain.message);
  if (plain.stack) failure.stack = plain.stack;
  return failure;
}
