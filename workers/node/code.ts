/** The digest of the code that measures here; computed at start, so that a changed file is another code. */
import path from 'node:path';
import { codeDigest } from '../../scripts/sources.mjs';

export const CODE = codeDigest(path.resolve(import.meta.dirname, '../..'));
