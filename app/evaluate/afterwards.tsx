'use client';

/** A finished run on the site's terms: compared with the row it repeats, and sent as a run if the visitor wants that. */
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { type Agreement, type AgreementCheck, agreement } from '@/lib/protocol/agreement';
import { type Report, reportSchema } from '@/lib/protocol/report';
import { count } from '../_ui/format';
import { ScrollArea } from '../_ui/scroll-area';

export function Afterwards({ report, run }: { report: Report; run: string | undefined }) {
  return (
    <section aria-labelledby="afterwards" className="grid gap-4 rounded-lg border border-line p-4">
      <h2 id="afterwards" className="text-lg font-semibold">
        What now?
      </h2>
      {run ? <Comparison report={report} run={run} /> : null}
      <Sending report={report} />
    </section>
  );
}

type Compared = { name: 'loading' } | { name: 'failed'; message: string } | { name: 'done'; result: Agreement };

function Comparison({ report, run }: { report: Report; run: string }) {
  const [state, setState] = useState<Compared>({ name: 'loading' });
  useEffect(() => {
    const controller = new AbortController();
    setState({ name: 'loading' });
    fetch(`/api/v1/runs/${run}/report`, { signal: controller.signal })
      .then(async (response) => {
        if (!response.ok) throw new Error(`the site answered ${response.status}`);
        setState({ name: 'done', result: agreement(reportSchema.parse(await response.json()), report) });
      })
      .catch((error: Error) => controller.signal.aborted || setState({ name: 'failed', message: error.message }));
    return () => controller.abort();
  }, [report, run]);
  if (state.name === 'loading') return <p role="status">Comparing with run {run.slice(0, 8)}…</p>;
  if (state.name === 'failed')
    return (
      <p role="alert">
        Run {run.slice(0, 8)} could not be read: {state.message}.
      </p>
    );
  const { result } = state;
  if (!result.comparable)
    return (
      <p role="status">
        This can’t be compared with run {run.slice(0, 8)}: {result.reason}.
      </p>
    );
  return (
    <div>
      <p role="status" className={`font-medium ${result.agrees ? 'text-good' : 'text-warn'}`}>
        {result.agrees ? '✓ Agrees' : '✗ Does not agree'} with{' '}
        <Link href={`/runs/${run}`} className="underline underline-offset-2">
          run {run.slice(0, 8)}
        </Link>{' '}
        on {count(result.samples)} shared test images.
      </p>
      <details className="mt-2 text-sm">
        <summary className="w-fit text-muted">
          {result.checks.filter((c) => c.ok).length} of {result.checks.length} comparisons are within their bands
        </summary>
        <ScrollArea label="Comparisons" className="mt-2 max-h-72">
          <table className="w-full max-w-2xl">
            <thead>
              <tr className="border-b border-line text-left">
                {['Compared', 'Difference', 'Allowed', ''].map((head) => (
                  <th key={head} scope="col" className="py-1 pr-3 font-medium">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {result.checks.map((check) => (
                <CheckRow key={check.id} check={check} />
              ))}
            </tbody>
          </table>
        </ScrollArea>
      </details>
    </div>
  );
}

const number = (value: number | null) => (value === null ? 'in one only' : String(Number(value.toPrecision(3))));

function CheckRow({ check: { id, measured, allowed, ok } }: { check: AgreementCheck }) {
  return (
    <tr className="border-b border-line last:border-b-0">
      <th scope="row" className="py-1 pr-3 text-left font-mono text-xs font-normal">
        {id}
      </th>
      <td className="py-1 pr-3">{number(measured)}</td>
      <td className="py-1 pr-3">{allowed === null ? 'shown only' : number(allowed)}</td>
      <td className={`py-1 ${ok ? 'text-muted' : 'text-warn'}`}>{ok ? 'within' : 'outside'}</td>
    </tr>
  );
}

type Sent =
  | { name: 'idle' }
  | { name: 'sending' }
  | { name: 'sent'; runId: string; kind: string; known: boolean }
  | { name: 'refused'; code: string; message: string };

function Sending({ report }: { report: Report }) {
  const [state, setState] = useState<Sent>({ name: 'idle' });
  // A new report has not been sent.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the report is what makes it new.
  useEffect(() => setState({ name: 'idle' }), [report]);
  const send = async () => {
    setState({ name: 'sending' });
    try {
      const response = await fetch('/api/v1/runs', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(report),
      });
      const body = await response.json();
      setState(response.ok ? { name: 'sent', ...body } : { name: 'refused', ...body.error });
    } catch (error) {
      setState({ name: 'refused', code: 'network', message: (error as Error).message });
    }
  };
  if (state.name === 'sent')
    return (
      <p role="status">
        {state.known ? 'This run was there already: ' : `Stored as a ${state.kind}: `}
        <Link href={`/runs/${state.runId}`} className="underline underline-offset-2">
          run {state.runId.slice(0, 8)}
        </Link>
        .
      </p>
    );
  return (
    <div className="grid gap-2">
      <p className="flex flex-wrap items-center gap-3">
        <button
          type="button"
          onClick={send}
          disabled={state.name === 'sending'}
          className="rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel disabled:opacity-60"
        >
          {state.name === 'sending' ? 'Sending…' : 'Send as a run'}
        </button>
        <span className="text-sm text-muted">
          The report goes to this site under your name: a claim on your own model, a reproduction of another’s.
        </span>
      </p>
      {state.name === 'refused' ? (
        <p role="alert" className="rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          {state.code === 'sign-in-needed' ? (
            <>
              You are not signed in.{' '}
              <a href="/signin" target="_blank" rel="noopener" className="underline underline-offset-2">
                Sign in in a new tab
              </a>
              , then send again; the report stays here.
            </>
          ) : state.code === 'not-found' ? (
            <>
              This model is not on the site.{' '}
              <a href="/submit" target="_blank" rel="noopener" className="underline underline-offset-2">
                Submit it
              </a>{' '}
              first; the report stays here.
            </>
          ) : (
            `Not sent: ${state.message}`
          )}
        </p>
      ) : null}
    </div>
  );
}
