import { describe, expect, it } from 'vitest';
import { BOARDS, type Board } from '@/lib/protocol/boards';
import { type Details, describedAs, detailProblems, EMPTY, OTHER_LICENCE, readEpsilon, usualEpsilon } from './details';

const cifar = BOARDS.get('cifar-10/linf') as Board;
const good: Details = { ...EMPTY, name: ' My net ', recipe: 'AT', epsilon: '8/255', licence: 'MIT' };

describe('readEpsilon', () => {
  it.each([
    ['', null],
    ['0.1', 0.1],
    ['0,1', 0.1],
    ['.5', 0.5],
    ['8/255', 8 / 255],
    [' 8 / 255 ', 8 / 255],
  ])('%j is %d', (text, value) => {
    expect(readEpsilon(text)).toBe(value);
  });

  it.each(['eight', '-1', '8/', '1e-3', '1/2/3'])('%j is not a number', (text) => {
    expect(readEpsilon(text)).toBeNaN();
  });
});

describe('details', () => {
  it('need a name, a licence, and a radius where the recipe has one', () => {
    expect(detailProblems(good, cifar)).toEqual({});
    expect(Object.keys(detailProblems(EMPTY, cifar))).toEqual(['name', 'licence']);
    expect(detailProblems({ ...good, epsilon: '' }, cifar).epsilon).toContain('trained with');
    expect(detailProblems({ ...good, recipe: 'ST', epsilon: '' }, cifar)).toEqual({});
  });

  it('are refused before they are sent where the server would refuse them', () => {
    expect(detailProblems({ ...good, epsilon: '8' }, cifar).epsilon).toContain('far outside the board’s 8/255');
    expect(detailProblems({ ...good, epsilon: '0' }, cifar).epsilon).toContain('Give a number');
    expect(detailProblems({ ...good, paperUrl: 'javascript:alert(1)' }, cifar).paperUrl).toBeDefined();
    expect(detailProblems({ ...good, noExtraData: false }, cifar).extraData).toBeDefined();
    expect(detailProblems({ ...good, licence: OTHER_LICENCE, otherLicence: 'my own' }, cifar).otherLicence).toBeDefined();
  });

  it('become what the API takes', () => {
    expect(describedAs(good)).toEqual({
      name: 'My net',
      description: '',
      recipe: 'AT',
      extraData: null,
      epsilonTrained: 8 / 255,
      paperUrl: null,
      codeUrl: null,
      licence: 'MIT',
    });
    expect(
      describedAs({ ...good, licence: OTHER_LICENCE, otherLicence: ' EUPL-1.2 ', noExtraData: true, extraData: 'kept' }),
    ).toMatchObject({
      licence: 'EUPL-1.2',
      extraData: null,
    });
  });

  it('have the board’s radius where a recipe attacks', () => {
    expect(usualEpsilon('TRADES', cifar)).toBe('8/255');
    expect(usualEpsilon('ST', cifar)).toBe('');
  });
});
