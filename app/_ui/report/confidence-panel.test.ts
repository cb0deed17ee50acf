/** What a reader sees of checks and curves, as markup. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { Report } from '@/lib/protocol/report';
import { wholeReport } from '@/lib/testing/whole-report';
import { ConfidencePanel, flagWords, GradeLetter } from './confidence-panel';
import { CurvesPanel } from './curves-panel';
import { ReportPanels } from './report-panels';

const confidence: NonNullable<Report['confidence']> = {
  ...{ grade: 'D', ruleVersion: 2, besides: { broken: 3, samples: 256 } },
  checks: [
    { id: 'zero-gradient', value: 0, threshold: 0, raised: false, samples: 500 },
    { id: 'fgsm-beats-pgd', value: 0.03125, threshold: 0.00390625, raised: true, samples: 256 },
    { id: 'black-box-wins', value: null, threshold: 0.002, raised: false, notRun: 'square was not run' },
    { id: 'huge-radius', value: 0.0625, threshold: 0.078125, raised: false, samples: 256 },
    { id: 'of-tomorrow', value: 1, threshold: 2, raised: false },
  ],
};
const textOf = (markup: string) => markup.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

it('a check has its value and threshold, or the words not run and why; the grade has its meaning and rule', () => {
  const markup = renderToStaticMarkup(createElement(ConfidencePanel, { confidence }));
  const text = textOf(markup);
  expect(text).toContain('Grade D: Passed: gradients are not zero');
  expect(text).toContain('4 of 5 checks ran, 1 raised. Of 256 images the probes broke 3 that count as robust');
  expect(text).toContain('Accuracy at a huge radius within chance 6.25 % 7.81 % 256');
  expect(text).toContain('One step beats ten ⚑ raised 3.13 points 0.39 points 256');
  expect(text).toContain('Zero gradients passed 0.00 % 0.00 % 500');
  expect(text).toContain('Black box beats white box not run: square was not run');
  expect(text).toContain('of-tomorrow passed');
  expect(renderToStaticMarkup(createElement(GradeLetter, { confidence }))).toMatch(/counts like one that was raised.*>D</);
  expect(renderToStaticMarkup(createElement(GradeLetter, {}))).toBe('not graded');
  expect(textOf(renderToStaticMarkup(createElement(GradeLetter, { confidence: { ...confidence, grade: null } })))).toContain('none');
});

it('a raised flag is said in words, one that nobody knows by its id', () => {
  expect(flagWords({ id: 'huge-radius', value: 0.5, threshold: 0.05 }).text).toMatch(/^50\.00 %, raised above 5\.00 %\. Accuracy/);
  expect(flagWords({ id: 'of-tomorrow', value: 2, threshold: 1 })).toEqual({ title: 'of-tomorrow', text: '2.00 (threshold 1.00)' });
});

it('curves have a plot with a summary and a table each', () => {
  const points = [0, 0.1, 0.4].map((at, i) => ({ at, correct: 20 - 10 * i, accuracy: 1 - i / 2 }));
  const curve = { attack: 'apgd-ce' as const, points };
  const curves = { samples: 20, radius: curve, steps: curve, restarts: { ...curve, attack: 'pgd-10' as const } };
  const markup = renderToStaticMarkup(createElement(CurvesPanel, { curves, board: 'fashion-mnist/linf' }));
  expect(markup).toContain('Accuracy from 100.0 % at 0 to 0.0 % at 0.4');
  expect(markup.split('<table>').length - 1).toBe(3);
  expect(markup).not.toContain('NaN');
  const whole = renderToStaticMarkup(createElement(ReportPanels, { report: { ...wholeReport(), confidence, curves } }));
  expect(whole).toContain('id="confidence"');
  expect(whole).toContain('id="curves"');
  expect(renderToStaticMarkup(createElement(ReportPanels, { report: wholeReport() }))).not.toContain('id="confidence"');
});
