/** AutoAttack's attacks, each on what the ones before it left: what it took, and what that cost. */

import { isAutoAttack, robustCount } from '@/lib/protocol/counts';
import type { AttackReport, Report } from '@/lib/protocol/report';
import { CONDITION_ORDER } from '../conditions';
import { count, duration } from '../format';
import { ConditionName } from '../marker';
import { ScrollArea } from '../scroll-area';
import { Panel } from './panel';

const HEADS = ['Attack', 'Attacked', 'Broken', 'Left', 'Lost to rounding', 'Forward', 'Backward', 'Took'];

export function AutoAttackPanel({ report: { attacks, counts } }: { report: Report }) {
  const rows = CONDITION_ORDER.flatMap((condition): [typeof condition, AttackReport][] => {
    const attack = condition === 'clean' || !isAutoAttack(condition) ? undefined : attacks[condition];
    return attack ? [[condition, attack]] : [];
  });
  if (rows.length === 0) return null;
  return (
    <Panel
      id="autoattack"
      title="AutoAttack"
      lead={`On the first ${count(robustCount(counts))} test images, each attack on those that are classified correctly and that none before it has broken. An image counts as broken only where the point, rounded to what a witness can store, is still misclassified; the column says how many more the unrounded point would have broken.`}
    >
      <ScrollArea label="AutoAttack, attack by attack">
        <table className="w-full min-w-[40rem] text-sm">
          <thead>
            <tr className="border-b border-line text-right">
              {HEADS.map((head, i) => (
                <th key={head} scope="col" className={`py-2 font-medium ${i === 0 ? 'text-left' : 'pl-3'}`}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([condition, { attacked, correct, lostToRounding, forwards, backwards, durationMs }]) => (
              <tr key={condition} className="border-b border-line text-right last:border-b-0">
                <th scope="row" className="py-1.5 text-left font-normal">
                  <ConditionName condition={condition} />
                </th>
                <td className="py-1.5 pl-3">{attacked === undefined ? 'not said' : count(attacked)}</td>
                <td className="py-1.5 pl-3">{attacked === undefined ? 'not said' : count(attacked - correct)}</td>
                <td className="py-1.5 pl-3 font-medium">{count(correct)}</td>
                <td className="py-1.5 pl-3">{count(lostToRounding ?? 0)}</td>
                <td className="py-1.5 pl-3 text-muted">{count(forwards)}</td>
                <td className="py-1.5 pl-3 text-muted">{count(backwards)}</td>
                <td className="py-1.5 pl-3 text-muted">{duration(durationMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </Panel>
  );
}
