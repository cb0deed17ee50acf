/** One probe: its question, what it found as labelled lines and, where that says more, a small plot, and the paper. */
import { percent, significant } from '@/app/_ui/format';
import { ListTable } from '@/app/_ui/list-table';
import type { Answer } from '@/lib/probes/answer';
import { PROBES, type ProbeId } from '@/lib/probes/catalogue';
import type { ProbeResults } from '@/lib/probes/registry';
import { Bars } from './bars';
import { PROBE_LINES, type ProbeLine } from './probe-lines';

interface Props<K extends ProbeId> {
  id: K;
  answer: Answer<ProbeResults[K]>;
  classNames: readonly string[];
}

export function ProbeAnswer<K extends ProbeId>({ id, answer, classNames }: Props<K>) {
  const { title, asks, arxiv } = PROBES[id];
  const lines = answer.result
    ? (PROBE_LINES[id] as (r: ProbeResults[K], names: readonly string[]) => ProbeLine[])(answer.result, classNames)
    : [];
  return (
    <section aria-labelledby={`probe-${id}`} className="border-t border-line pt-4">
      <h3 id={`probe-${id}`} className="font-medium">
        {title}
      </h3>
      <p className="mt-1 max-w-3xl text-sm text-muted">
        {asks}{' '}
        <a href={`https://arxiv.org/abs/${arxiv}`} rel="noopener" className="underline underline-offset-2">
          arXiv {arxiv}
        </a>
      </p>
      {answer.result ? (
        <dl className="mt-3 grid gap-x-4 gap-y-1.5 text-sm sm:grid-cols-[13rem_6rem_1fr]">
          {lines.map(({ label, value, meaning }) => (
            <div key={label} className="max-sm:mb-1 sm:contents">
              <dt className="max-sm:inline">{label}</dt>
              <dd className="font-medium tabular-nums max-sm:ml-2 max-sm:inline">{value}</dd>
              <dd className="min-w-0 text-muted">{meaning}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {'reason' in answer ? <p className="mt-3 text-sm">No answer: {answer.reason}.</p> : null}
      {answer.result ? <Plot id={id} result={answer.result} /> : null}
    </section>
  );
}

function Plot<K extends ProbeId>({ id, result }: { id: K; result: ProbeResults[K] }) {
  if (id === 'coupling') {
    const { shares } = (result as ProbeResults['coupling']).direction;
    return (
      <div className="mt-3">
        <Bars
          title="Spectrum of gradients of equal length"
          summary={`The largest ${shares.length} eigenvalues, from ${percent(shares[0])} % of their sum to ${percent(shares[shares.length - 1])} %.`}
          shares={shares}
          along="eigenvalues, the largest first"
        />
      </div>
    );
  }
  if (id === 'weight-graph') {
    const { layers } = result as ProbeResults['weight-graph'];
    return (
      <div className="mt-3">
        <ListTable
          label="Weights as a graph, layer by layer"
          heads={['Layer', 'Inputs × outputs', 'Weak weights', 'Connections', 'Of an output', 'Of an input', 'Gini']}
          rows={layers.map(({ name, inputs, outputs, sparsity, density, fanIn, fanOut, gini }) => ({
            key: name,
            cells: [
              name,
              `${inputs} × ${outputs}`,
              `${percent(sparsity)} %`,
              `${percent(density)} %`,
              `${fanIn.mean.toFixed(1)} ± ${fanIn.std.toFixed(1)}`,
              `${fanOut.mean.toFixed(1)} ± ${fanOut.std.toFixed(1)}`,
              significant(gini),
            ],
          }))}
        />
      </div>
    );
  }
  return null;
}
