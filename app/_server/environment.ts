/** The server's settings, read in one place. */
import 'server-only';
import path from 'node:path';

export const dataDirectory = () => path.resolve(/*turbopackIgnore: true*/ process.env.DATA_DIR ?? '.data');
export const datasetsDirectory = () => process.env.DATASETS_DIR || undefined;
