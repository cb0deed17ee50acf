import { expect, it } from 'vitest';
import { latexTable } from './latex';

const row = {
  ...{ name: 'wide & deep_1', slug: 'wide', version: 2, runId: 'r1' },
  ...{ clean: 0.849, robust: 0.5, robustLow: 0.49, robustHigh: 0.51, pgd: 0.591, autoattack: null },
  ...{ nc1: 123456789, nc2: 0.0123456, nc3: 0, nc4: 1e-9 },
};
const where = { title: 'CIFAR-10 L∞ 8/255', site: 'https://a.example', protocol: '1' };

it('gives a row for each model, with what LaTeX would take for commands as letters, and its run', () => {
  const text = latexTable([row, { ...row, name: 'plain', version: 1, robust: null, nc1: null }], where);
  expect(text).toContain(
    'wide \\& deep\\_1 v2 & 84.9 & $50.0 \\pm 1.0$ & 59.1 & -- & $123000000$ & $0.0123$ & $0$ & $1\\cdot10^{-9}$ \\\\\n',
  );
  expect(text).toContain('plain & 84.9 & -- & 59.1 & -- & -- & $0.0123$ &');
  expect(text).toContain('% wide@2: https://a.example/runs/r1\n');
  const body = text.split('\n').filter((line) => line.endsWith('\\\\'));
  expect(body.map((line) => line.replaceAll('\\&', '').split('&').length)).toEqual([9, 9, 9]);
});
