/** How sentences speak of what stands in a model's files, whose names anybody may have chosen. */

/**
 * Control characters, invisible format characters (those that turn the direction of text, too), line separators and halves
 * of characters as escapes: a name can't end its line, move a terminal's cursor or show another text than it holds.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) as number).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });

/** A count in digits; beyond what a number holds exactly, its size. */
export function amount(count: number): string {
  if (count <= Number.MAX_SAFE_INTEGER) return String(count);
  if (count === Infinity) return 'more than 10^308';
  const [digits, exponent] = count.toExponential(1).split('e+');
  return `about ${Number(digits)} × 10^${exponent}`;
}
