/** How far the robust accuracy has been checked: every check, those that did not run too. */
import { CHECKS, type CheckInfo, type ConfidenceCheckId } from '@/lib/confidence/catalogue';
import { GRADE_MEANINGS, GRADE_RULE_WORDS } from '@/lib/confidence/grade';
import { passingOf } from '@/lib/confidence/threshold';
import type { Report } from '@/lib/protocol/report';
import { count, percent, significant } from '../format';
import { ScrollArea } from '../scroll-area';
import { Panel } from './panel';

type Confidence = NonNullable<Report['confidence']>;
type Check = Confidence['checks'][number];

/** Undefined for a check that this version of the site does not know. */
const infoOf = (id: string): CheckInfo | undefined => (id in CHECKS ? CHECKS[id as ConfidenceCheckId] : undefined);

function read(value: number, unit: CheckInfo['unit'] | undefined): string {
  if (unit === 'share') return `${(100 * value).toFixed(2)} %`;
  if (unit === 'points') return `${value < 0 ? '−' : ''}${Math.abs(100 * value).toFixed(2)} points`;
  return unit === 'cosine' ? value.toFixed(5) : significant(value);
}

function stateOf({ id, value, raised, samples }: Check): string {
  if (value === null) return 'not run';
  if (raised) return '⚑ raised';
  return !(id in CHECKS) || value <= passingOf(id as ConfidenceCheckId, { samples }) ? 'passed' : 'within chance';
}

/** What the probes of the checks broke of the images that count as robust. */
const besidesText = ({ besides }: Confidence) =>
  besides === undefined
    ? ''
    : besides.broken === 0
      ? ` Of ${count(besides.samples)} images the probes broke none that counts as robust.`
      : ` Of ${count(besides.samples)} images the probes broke ${count(besides.broken)} that ${besides.broken === 1 ? 'counts' : 'count'} as robust: the robust accuracy of a run is an upper bound.`;

/** The letter, its meaning and its rule on hover; “none” where nothing was attacked, “not graded” in older reports. */
export function GradeLetter({ confidence }: Pick<Report, 'confidence'>) {
  if (!confidence) return <>not graded</>;
  const { grade } = confidence;
  return (
    <abbr title={`${grade ? GRADE_MEANINGS[grade] : 'No attack ran that counts into robust accuracy.'} ${GRADE_RULE_WORDS}`}>
      {grade ?? 'none'}
    </abbr>
  );
}

export function ConfidencePanel({ confidence }: { confidence: Confidence }) {
  const { grade, checks } = confidence;
  const ran = checks.filter(({ value }) => value !== null);
  const raised = ran.filter((check) => check.raised).length;
  return (
    <Panel
      id="confidence"
      title="Confidence"
      lead={`${grade ? `Grade ${grade}: ${GRADE_MEANINGS[grade]}` : 'No grade: no attack ran that counts into robust accuracy.'} ${count(ran.length)} of ${count(checks.length)} checks ran, ${raised === 0 ? 'none' : count(raised)} raised.${besidesText(confidence)} ${GRADE_RULE_WORDS}`}
    >
      <ScrollArea label="Confidence checks">
        <table className="w-full min-w-[40rem] text-sm">
          <thead>
            <tr className="border-b border-line text-right">
              <th scope="col" className="py-2 text-left font-medium">
                Check
              </th>
              <th scope="col" className="py-2 pl-3 text-left font-medium">
                Result
              </th>
              <th scope="col" className="py-2 pl-3 font-medium">
                Value
              </th>
              <th scope="col" className="py-2 pl-3 font-medium">
                Raised above
              </th>
              <th scope="col" className="py-2 pl-3 font-medium">
                Images
              </th>
            </tr>
          </thead>
          <tbody>
            {checks.map((check) => (
              <Row key={check.id} check={check} />
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </Panel>
  );
}

function Row({ check }: { check: Check }) {
  const { id, value, threshold, raised, samples, notRun } = check;
  const info = infoOf(id);
  return (
    <tr className="border-b border-line text-right align-baseline last:border-b-0">
      <th scope="row" className="py-1.5 text-left font-normal">
        {info ? <abbr title={`${info.measures} Source: ${info.source}.`}>{info.title}</abbr> : id}
      </th>
      {value === null ? (
        <td className="py-1.5 pl-3 text-left text-muted" colSpan={4}>
          not run{notRun ? `: ${notRun}` : ''}
        </td>
      ) : (
        <>
          <td className={`py-1.5 pl-3 text-left ${raised ? 'font-medium text-warn' : ''}`}>{stateOf(check)}</td>
          <td className="py-1.5 pl-3">{read(value, info?.unit)}</td>
          <td className="py-1.5 pl-3 text-muted">{read(threshold, info?.unit)}</td>
          <td className="py-1.5 pl-3 text-muted">{samples === undefined ? 'the graph' : count(samples)}</td>
        </>
      )}
    </tr>
  );
}

/** A raised flag in words. */
export function flagWords({ id, value, threshold }: Report['flags'][number]): { title: string; text: string } {
  const info = infoOf(id);
  if (!info) return { title: id, text: `${significant(value)} (threshold ${significant(threshold)})` };
  return { title: info.title, text: `${read(value, info.unit)}, raised above ${read(threshold, info.unit)}. ${info.measures}` };
}

/** For plots of shares. */
export const percentTick = (value: number) => `${percent(value).replace(/\.0$/, '')} %`;
