/** What the lower learning rate of TRADES as published does by itself, and the command that shows it. */
import { findings } from '@/lib/paper/claims';
import { commandsOf } from '@/lib/paper/run';
import { estimateText } from './finding-text';
import { CONTROL } from './stored';

const CLAIM = 'trades-without-simplex';

export function Control() {
  const finding = findings([CONTROL]).find(({ claim }) => claim.id === CLAIM);
  if (!finding) throw new Error(`no claim ${CLAIM}`);
  const { board, learningRate, seed, trainSamples } = CONTROL.recipe;
  return (
    <div id="control" className="mb-3 max-w-3xl scroll-mt-4 border-l-2 border-line pl-3 text-sm">
      <p>
        <span className="font-medium">Control:</span> TRADES with batch norm, at the learning rate of TRADES as published ({learningRate};{' '}
        {board}, {trainSamples} images, seed {seed}): {finding.measures.map((m) => `${m.label} ${estimateText(m)}`).join('; ')}.{' '}
        {finding.held ? 'No simplex stands there, either, so what the two have in common has its share in it.' : 'There a simplex stands.'}
      </p>
      <details>
        <summary className="w-fit text-muted">The commands that make it</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: only this lets a keyboard scroll it (WCAG 2.1.1). */}
        <pre tabIndex={0} className="my-2 overflow-x-auto rounded-lg bg-panel p-3 text-xs">
          {commandsOf(CONTROL, 'runs/control').join('\n')}
        </pre>
      </details>
    </div>
  );
}
