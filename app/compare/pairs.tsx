/** McNemar's table of every two models: the four cells, the exact p, and what it says. */
import { count, probability } from '@/app/_ui/format';
import { ListTable } from '@/app/_ui/list-table';
import { Panel } from '@/app/_ui/report/panel';
import type { Comparison, Pair } from '@/lib/protocol/comparison';
import { TIER_SIGNIFICANCE } from '@/lib/protocol/tiers';

export function Pairs({ comparison: { pairs, samples }, names }: { comparison: Comparison; names: string[] }) {
  return (
    <Panel
      id="mcnemar"
      title="Can they be told apart?"
      lead={`Exact two-sided McNemar test on the ${count(samples)} images that all have. Only images that one of the two holds and the other loses speak: if the models were equally robust, such an image would fall to either side like a coin. ${
        pairs.length > 1 ? 'There is no correction for the number of pairs.' : ''
      }`}
    >
      <ListTable
        label="McNemar’s table of every two models"
        heads={['Pair', 'Both hold', 'First alone', 'Second alone', 'Neither', 'p', 'So']}
        rows={pairs.map((pair) => ({
          key: `${pair.a} ${pair.b}`,
          cells: [
            <span key="p" className="font-medium">
              {names[pair.a]} <span className="font-normal text-muted">and</span> {names[pair.b]}
            </span>,
            count(pair.both),
            count(pair.onlyA),
            count(pair.onlyB),
            count(pair.neither),
            probability(pair.lnP),
            verdict(pair, names),
          ],
        }))}
      />
    </Panel>
  );
}

function verdict({ a, b, onlyA, onlyB, p }: Pair, names: string[]): string {
  if (onlyA + onlyB === 0) return 'the same images in both';
  if (p >= TIER_SIGNIFICANCE) return 'can’t be told apart at 95 %';
  return `${names[onlyA > onlyB ? a : b]} holds more`;
}
