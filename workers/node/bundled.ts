/** The files of a model that comes with this software. */
import path from 'node:path';
import { readModelFiles } from './model-files';

const BUNDLED = path.resolve(import.meta.dirname, '../../public/models');

export const bundledFiles = (id: string) => readModelFiles(path.join(BUNDLED, id));
