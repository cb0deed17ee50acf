import { ATTACK_INFO, type Condition, LEVEL_ATTACKS } from '@/lib/attacks/catalogue';
import { type Board, NORM_LABEL } from '@/lib/protocol/boards';
import { wilson95 } from '@/lib/protocol/interval';
import type { Report } from '@/lib/protocol/report';
import { CONDITION_ORDER, CONDITIONS } from '../conditions';
import { count, percent } from '../format';
import { ConditionName } from '../marker';
import { Panel } from './panel';
import type { Live } from './report-view';

interface Props {
  accuracy: Live['accuracy'];
  robust: Report['robust'];
  /** Images that robust accuracy is of. */
  robustSamples?: number;
  board: Board | undefined;
  running: boolean;
}

/** Conditions that have a row before anything is known of them. */
const EVERY_LEVEL: readonly Condition[] = ['clean', ...LEVEL_ATTACKS.pgd];

/** Accuracy under each condition: a table whose cells are bars, with the 95 % interval as a thin line. */
export function AccuracyTable({ accuracy, robust, robustSamples, board, running }: Props) {
  const ball = board ? `${NORM_LABEL[board.norm]} ≤ ${board.epsilonLabel}` : 'the ball';
  return (
    <Panel
      id="accuracy"
      title="Accuracy under attack"
      lead={`Share of test images that are still classified correctly. Noise is as large as the attack but made without the model; only attacks within ${ball} aimed away from the true class count into robust accuracy.`}
    >
      <table className="w-full text-sm">
        <caption className="sr-only">Accuracy on test images under each condition, with 95 % Wilson intervals</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Condition</th>
            <th scope="col">Bar</th>
            <th scope="col">Accuracy</th>
          </tr>
        </thead>
        <tbody>
          {CONDITION_ORDER.filter((c) => accuracy[c] || EVERY_LEVEL.includes(c)).map((condition) => (
            <Row key={condition} condition={condition} value={accuracy[condition]} running={running} />
          ))}
          {robust && accuracy.clean ? (
            <tr className="border-t border-line font-medium">
              <th scope="row" className="py-2 pr-3 text-left font-medium">
                <abbr title="Correct on the clean image and under every counted attack.">Worst case</abbr>
              </th>
              <td className="w-full py-2">
                <Bar fraction={robust.accuracy} interval={robust.interval95} colour="var(--fg)" />
              </td>
              <Value correct={robust.correct} samples={robustSamples ?? accuracy.clean.samples} />
            </tr>
          ) : null}
        </tbody>
      </table>
    </Panel>
  );
}

function Row({ condition, value, running }: { condition: Condition; value: Live['accuracy'][Condition]; running: boolean }) {
  const counts = condition !== 'clean' && ATTACK_INFO[condition].bounded && !ATTACK_INFO[condition].targeted;
  return (
    <tr className="border-t border-line first:border-t-0">
      <th scope="row" className="py-2 pr-3 text-left font-normal">
        <ConditionName condition={condition} />
        {counts ? <span className="sr-only"> (counts into robust accuracy)</span> : null}
      </th>
      <td className="w-full py-2">
        {value ? (
          <Bar
            fraction={value.correct / value.samples}
            interval={wilson95(value.correct, value.samples) ?? [0, 1]}
            colour={CONDITIONS[condition].colour}
            striped={condition === 'pgd-margin'}
          />
        ) : (
          <div className="h-3 rounded-sm bg-panel" />
        )}
      </td>
      {value ? <Value {...value} /> : <td className="py-2 pl-3 text-right whitespace-nowrap text-muted">{running ? '…' : 'not run'}</td>}
    </tr>
  );
}

function Bar({
  fraction,
  interval,
  colour,
  striped,
}: {
  fraction: number;
  interval: readonly [number, number];
  colour: string;
  striped?: boolean;
}) {
  const background = striped ? `repeating-linear-gradient(135deg, ${colour} 0 4px, transparent 4px 7px)` : colour;
  return (
    <div aria-hidden="true" className="relative h-3 rounded-sm bg-panel">
      <div className="absolute inset-y-0 left-0 rounded-sm" style={{ width: `${100 * fraction}%`, background }} />
      <div
        className="absolute top-1/2 h-0.5 -translate-y-1/2 bg-fg ring-1 ring-bg"
        style={{ left: `${100 * interval[0]}%`, width: `${Math.max(0.3, 100 * (interval[1] - interval[0]))}%` }}
      />
    </div>
  );
}

function Value({ correct, samples }: { correct: number; samples: number }) {
  const [low, high] = wilson95(correct, samples) ?? [0, 1];
  return (
    <td
      className="py-2 pl-3 text-right whitespace-nowrap"
      title={`${count(correct)} of ${count(samples)} images; 95 % interval ${percent(low)}–${percent(high)} %`}
    >
      {percent(correct / samples)} <span className="text-muted">± {percent((high - low) / 2)}</span>
    </td>
  );
}
