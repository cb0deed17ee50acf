/** What measures here. */
import { version_core } from '@tensorflow/tfjs-core';
import packageJson from '../../package.json';

export const versions = { tfjs: version_core, simplexity: packageJson.version };
