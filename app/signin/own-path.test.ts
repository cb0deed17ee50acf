import { describe, expect, it } from 'vitest';
import { ownPath } from './own-path';

describe('ownPath', () => {
  it('keeps paths of this site with their query', () => {
    expect(ownPath('/submit?board=cifar-10/linf#send', '/account')).toBe('/submit?board=cifar-10/linf#send');
  });

  it.each([
    undefined,
    null,
    '',
    'submit',
    'https://evil.example/',
    '//evil.example/x',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
  ])('does not follow %j', (next) => {
    expect(ownPath(next, '/account')).toBe('/account');
  });
});
