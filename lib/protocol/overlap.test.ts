import { expect, it } from 'vitest';
import { wholeReport } from '../testing/whole-report';
import { packBitmap, toBase64 } from './evidence';
import { overlap } from './overlap';

const bits = (text: string) => toBase64(packBitmap([...text].map((c) => c === '1')));
const counts = { samples: 8, trainSamples: 0, forwards: 0, backwards: 0 };

it('gives, of what one attack breaks, the share that another breaks, too', () => {
  const evidence = { clean: bits('11111100'), 'pgd-10': bits('00011100'), 'pgd-margin': bits('00001111'), sign: bits('11111100') };
  expect(overlap({ evidence, counts })).toEqual({
    attacks: ['pgd-10', 'pgd-margin', 'sign'],
    broken: [3, 4, 0], // wrong as it is, an image is not broken by anybody
    share: [
      [1, 1, 0],
      [0.75, 1, 0],
      [null, null, null],
    ],
  });
});

it('looks at the images that both ran on', () => {
  const report = wholeReport({ holds: 4000, autoattack: { samples: 1000, withstand: 300 } });
  const { attacks, broken, share } = overlap(report) as NonNullable<ReturnType<typeof overlap>>;
  const [margin, last] = [attacks.indexOf('pgd-margin'), attacks.indexOf('square')];
  expect([broken[margin], broken[last]]).toEqual([4000, 700]);
  // Of the first 1 000, the margin attack breaks none.
  expect([share[margin][last], share[last][margin]]).toEqual([null, 0]);
});

it('is null without clean outcomes', () => {
  expect(overlap({ evidence: { 'pgd-10': bits('1') }, counts })).toBeNull();
});
