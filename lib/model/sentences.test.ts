import { expect, it } from 'vitest';
import { amount, printable } from './sentences';

it.each([
  ['a line break', 'a\nb\rc', 'a\\u000ab\\u000dc'],
  ['a terminal sequence', '\x1b[31mred\x9b0m', '\\u001b[31mred\\u009b0m'],
  ['a text turned around', 'model\u202egnp.bin\u2066', 'model\\u202egnp.bin\\u2066'],
  ['line and paragraph separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['invisible tags beyond 16 bits', 'a\u{e0041}', 'a\\u{e0041}'],
  ['half a character', 'a\ud800', 'a\\ud800'],
])('%s is written as an escape', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

it('letters, signs and blanks of every script stay as they are', () => {
  const text = 'conv1/kernel:0 größe 畳み込み نموذج 99×99 "x" \\ 🦊';
  expect(printable(text)).toBe(text);
});

it.each([
  [0, '0'],
  [57_600_396_088, '57600396088'],
  [4.0000000000000005e60, 'about 4 × 10^60'],
  [1.26e16, 'about 1.3 × 10^16'],
  [Infinity, 'more than 10^308'],
])('the count %d is shown as %s', (count, shown) => {
  expect(amount(count)).toBe(shown);
});
