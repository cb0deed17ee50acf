import { expect, it } from 'vitest';
import { isInstalled } from './install.mjs';
import { nodeComplaint } from './node-version.mjs';

const wanted = { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/a-darwin': { version: '1.0.0', optional: true } };

it('takes an installation from the same lock file, whatever the platform left out', () => {
  expect(isInstalled(wanted, { 'node_modules/a': { version: '1.0.0' } })).toBe(true);
  expect(isInstalled(wanted, { 'node_modules/a': { version: '1.0.0' }, 'node_modules/a-darwin': { version: '1.0.0' } })).toBe(true);
});

it('sees a missing, a different and a left-over package', () => {
  expect(isInstalled(wanted, {})).toBe(false);
  expect(isInstalled(wanted, { 'node_modules/a': { version: '1.0.1' } })).toBe(false);
  expect(isInstalled(wanted, { 'node_modules/a': { version: '1.0.0' }, 'node_modules/a-darwin': { version: '0.9.0' } })).toBe(false);
  expect(isInstalled(wanted, { 'node_modules/a': { version: '1.0.0' }, 'node_modules/old': { version: '1.0.0' } })).toBe(false);
});

it('wants Node 20.19', () => {
  expect(nodeComplaint('18.20.1')).toBe('Simplexity needs Node 20.19 or newer; this is Node 18.20.1.');
  expect(nodeComplaint('20.18.3')).toMatch(/20\.19/);
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.1.0']) expect(nodeComplaint(version)).toBeNull();
});
