/** Commands in the documentation exist, and so does every option that they are shown with. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import packageJson from '../../package.json';
import { RUNNER_HELP } from '../runner/arguments';
import { HELP } from './arguments';
import { CONVERT_HELP } from './convert-arguments';
import { DYNAMICS_HELP } from './dynamics-arguments';
import { HUNT_HELP } from './hunt-arguments';
import { PROBES_HELP } from './probes-arguments';
import { SUBMIT_HELP } from './submit-arguments';
import { TRAIN_HELP } from './train-arguments';
import { VERIFY_HELP } from './verify-arguments';

const ROOT = path.resolve(import.meta.dirname, '../..');
const files = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []))];

const HELPS: Record<string, string> = {
  ...{ evaluate: HELP, submit: SUBMIT_HELP, train: TRAIN_HELP, convert: CONVERT_HELP, hunt: HUNT_HELP },
  ...{ verify: VERIFY_HELP, runner: RUNNER_HELP, dynamics: DYNAMICS_HELP, probes: PROBES_HELP },
};

it.each(files)('%s', (file) => {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const commands = [...text.replace(/\\\n/g, ' ').matchAll(/npm (?:run (?:-s )?)([a-z:]+)(?: -- ([^\n`]*))?/g)];
  for (const [whole, name, rest = ''] of commands) {
    expect(Object.keys(packageJson.scripts), whole).toContain(name);
    if (HELPS[name]) for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(HELPS[name], `${whole}: ${option}`).toContain(option);
  }
});
