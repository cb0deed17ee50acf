/** What a schema refused, as sentences that name the field: `weightsManifest.0.paths: expected a list, got a string`. */
import type { z } from 'zod';

const KINDS: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  boolean: 'true or false',
};

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return KINDS[Array.isArray(value) ? 'array' : typeof value];
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function sentence(issue: z.core.$ZodIssue, root: unknown): string {
  const value = valueAt(root, issue.path);
  if (issue.code === 'invalid_type' && Object.hasOwn(KINDS, issue.expected)) {
    const got = issue.expected === 'int' && typeof value === 'number' ? value : kindOf(value);
    return `expected ${KINDS[issue.expected]}, got ${got}`;
  }
  if (issue.code === 'too_small' && (issue.origin === 'array' || issue.origin === 'string'))
    return `expected ${KINDS[issue.origin]} that is not empty`;
  return `${issue.message}, got ${typeof value === 'number' ? value : kindOf(value)}`;
}

/** The first of the issues; `name` is the field that `root` was read from. */
export function issueSentences(error: z.ZodError, name: string, root: unknown, most = 20): string[] {
  return error.issues.slice(0, most).map((issue) => `${[name, ...issue.path.map(String)].join('.')}: ${sentence(issue, root)}`);
}
