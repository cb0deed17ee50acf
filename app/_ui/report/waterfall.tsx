/** What each attack takes away, in the order that they were run: from clean accuracy down to what holds under all. */
import { robustCount } from '@/lib/protocol/counts';
import type { Report } from '@/lib/protocol/report';
import { CONDITIONS } from '../conditions';
import { count, percent } from '../format';
import { Panel } from './panel';

export function Waterfall({ report }: { report: Report }) {
  const { clean, robust, counts } = report;
  if (!clean || !robust) return null;
  const samples = robustCount(counts);
  const right = Object.values(robust.brokenBy).reduce((sum, broken) => sum + broken, robust.correct);
  let left = right;
  const steps = Object.entries(robust.brokenBy).map(([id, broken]) => {
    const from = left;
    left -= broken;
    return { id, broken, from, to: left };
  });
  const share = (n: number) => n / samples;
  return (
    <Panel
      id="waterfall"
      title="Attack by attack"
      lead={`Each attack counts the images that the ones before it left standing. What is left holds under all of them.${
        samples < counts.samples ? ` Of the first ${count(samples)} test images, which all of these ran on.` : ''
      }`}
    >
      <ol className="grid gap-2 text-sm">
        <Step label="Clean" from={0} to={share(right)} colour="var(--c-clean)" text={`${percent(share(right))} %`} />
        {steps.map(({ id, broken, from, to }) => (
          <Step
            key={id}
            label={CONDITIONS[id as keyof typeof CONDITIONS]?.label ?? id}
            from={share(to)}
            to={share(from)}
            colour="var(--c-pgd)"
            striped={id === 'pgd-margin'}
            text={broken === 0 ? 'breaks no more' : `−${percent(share(broken))} (${count(broken)} images)`}
          />
        ))}
        <Step label="Holds" from={0} to={share(robust.correct)} colour="var(--fg)" text={`${percent(robust.accuracy)} %`} strong />
      </ol>
    </Panel>
  );
}

interface StepProps {
  label: string;
  from: number;
  to: number;
  colour: string;
  text: string;
  striped?: boolean;
  strong?: boolean;
}

function Step({ label, from, to, colour, text, striped, strong }: StepProps) {
  const background = striped ? `repeating-linear-gradient(135deg, ${colour} 0 4px, transparent 4px 7px)` : colour;
  return (
    <li className={`grid grid-cols-[6.5rem_1fr] items-center gap-3 sm:grid-cols-[8rem_1fr_12rem] ${strong ? 'font-medium' : ''}`}>
      <span>{label}</span>
      <span aria-hidden="true" className="relative block h-3 rounded-sm bg-panel">
        <span
          className="absolute inset-y-0 rounded-sm"
          style={{ left: `${100 * from}%`, width: `${Math.max(0.2, 100 * (to - from))}%`, background }}
        />
      </span>
      <span className="text-right max-sm:col-span-2">{text}</span>
    </li>
  );
}
