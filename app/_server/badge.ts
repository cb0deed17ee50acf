/** A badge for other people's pages: a row's robust accuracy and how far it was checked, as SVG without fonts or scripts. */
import type { StandingState } from '@/lib/protocol/standing';
import { percent } from '../_ui/format';

export interface BadgeRow {
  state: StandingState;
  /** Fraction; null where no attack was run. */
  robust: number | null;
}

/** White text on each has a contrast of 4.5 at least. */
const COLOURS: Record<StandingState, string> = {
  'self-reported': '#56565f',
  reproduced: '#56565f',
  verified: '#0b6b4f',
  'double-verified': '#0b6b4f',
  contested: '#8a4b00',
  flagged: '#8a4b00',
  disqualified: '#a4202c',
};
const UNKNOWN = '#56565f';
const HEIGHT = 20;
const PAD = 7;
/** Mean width of a character of 11 px sans serif; `textLength` makes every font keep to it. */
const CHARACTER = 6.4;

const escaped = (text: string) => text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** A disqualified row's number is not repeated elsewhere. */
export function badgeWords(row: BadgeRow | null): string {
  if (!row) return 'not measured';
  if (row.state === 'disqualified' || row.robust === null) return row.state;
  return `${percent(row.robust)} % robust, ${row.state}`;
}

export function badgeSvg(label: string, row: BadgeRow | null): string {
  const words = badgeWords(row);
  const long = (text: string) => Math.round([...text].length * CHARACTER);
  const [left, right] = [long(label) + 2 * PAD, long(words) + 2 * PAD];
  const text = (content: string, x: number) =>
    `<text x="${x}" y="14" textLength="${long(content)}" lengthAdjust="spacingAndGlyphs">${escaped(content)}</text>`;
  const title = escaped(`${label}: ${words}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${title}">
<title>${title}</title>
<clipPath id="r"><rect width="${left + right}" height="${HEIGHT}" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="${left}" height="${HEIGHT}" fill="#18181b"/><rect x="${left}" width="${right}" height="${HEIGHT}" fill="${row ? COLOURS[row.state] : UNKNOWN}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(label, PAD)}${text(words, left + PAD)}</g>
</svg>
`;
}
