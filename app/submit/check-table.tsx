import { CHECK_IDS, type Check, type CheckId, type CheckState, PREFLIGHT_SIZE } from '@/lib/protocol/preflight-checks';
import { count, roughly } from '../_ui/format';
import type { PreflightState } from './preflight-state';

const { clean, attacked, repeated, passes } = PREFLIGHT_SIZE;

const TITLES: Record<CheckId, { title: string; meaning: string }> = {
  loads: { title: 'Files', meaning: 'model.json can be read and all weights are there, finite and of the right length.' },
  layers: { title: 'Layers and limits', meaning: 'Every layer is one that the site can run, and the model is not too large to measure.' },
  shapes: { title: 'Shapes', meaning: 'The input takes the board’s images, the output has one number for each class.' },
  size: { title: 'Size', meaning: 'What will be uploaded. Large weight files are cut into pieces of 4 MiB.' },
  features: { title: 'Feature layer', meaning: 'Where neural collapse is measured: the input of the last Dense layer.' },
  logits: { title: 'Outputs', meaning: 'Attacks need logits; probabilities hide the gradient.' },
  clean: { title: 'Clean accuracy', meaning: `On the first ${count(clean)} test images.` },
  'input-range': { title: 'Pixel range', meaning: `Accuracy on ${attacked} images with pixels in [0, 1], 0 … 255 and −1 … 1.` },
  determinism: {
    title: 'Repeats itself',
    meaning: `Largest L2 distance between logits, scaled to length 1, over ${passes} passes on ${repeated} images.`,
  },
  pgd: { title: 'PGD', meaning: `Two attacks of 10 steps on the first ${attacked} test images.` },
  'zero-gradient': { title: 'Zero gradients', meaning: 'Images whose loss gradient is exactly zero where the attack starts.' },
  time: { title: 'Full run', meaning: 'What a run of the size that is ranked would take here; a runner’s GPU is usually faster.' },
};

const SIGNS: Record<CheckState | 'running' | 'waiting' | 'skipped', { sign: string; word: string; tone: string }> = {
  passed: { sign: '✓', word: 'passed', tone: 'text-good' },
  flagged: { sign: '⚑', word: 'flag', tone: 'text-warn' },
  refused: { sign: '✕', word: 'refused', tone: 'text-bad' },
  noted: { sign: 'i', word: 'note', tone: 'text-muted' },
  running: { sign: '▸', word: 'under way', tone: 'text-accent' },
  waiting: { sign: '·', word: 'to come', tone: 'text-muted' },
  skipped: { sign: '–', word: 'not run', tone: 'text-muted' },
};

/** Every check has its row from the start, so nothing moves while they are filled in. */
export function CheckTable({ state }: { state: PreflightState }) {
  const { phase, checks, running } = state;
  return (
    <table className="w-full table-fixed border-collapse text-sm">
      <caption className="sr-only">Checks before anything is uploaded</caption>
      <thead>
        <tr className="border-b border-line text-left text-muted">
          <th scope="col" className="w-24 py-1.5 pr-3 font-normal sm:w-40">
            Check
          </th>
          <th scope="col" className="py-1.5 pr-3 font-normal">
            Found
          </th>
          <th scope="col" className="hidden w-72 py-1.5 pr-3 font-normal md:table-cell">
            Expected
          </th>
          <th scope="col" className="w-10 py-1.5 font-normal sm:w-28">
            State
          </th>
        </tr>
      </thead>
      <tbody>
        {CHECK_IDS.map((id) => {
          const check = checks[id];
          const now =
            check?.state ?? (running?.id === id ? 'running' : phase === 'running' || phase === 'choosing' ? 'waiting' : 'skipped');
          const { sign, word, tone } = SIGNS[now];
          return (
            <tr key={id} className="h-10 border-b border-line align-top">
              <th scope="row" className="py-2 pr-3 text-left font-medium">
                <abbr title={TITLES[id].meaning}>{TITLES[id].title}</abbr>
              </th>
              <td className="py-2 pr-3 break-words">
                {check ? <Found check={check} /> : running?.id === id ? <Progress running={running} /> : null}
              </td>
              <td className="hidden py-2 pr-3 text-muted md:table-cell">{check?.allowed}</td>
              <td className={`py-2 whitespace-nowrap ${tone}`}>
                <span aria-hidden="true" className="inline-block w-4 text-center">
                  {sign}
                </span>{' '}
                <span className="max-sm:sr-only">{word}</span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Found({ check: { measured, allowed, reasons, state } }: { check: Check }) {
  return (
    <>
      {measured}
      {allowed ? <span className="block text-xs text-muted md:hidden">Expected: {allowed}</span> : null}
      {reasons.map((reason) => (
        <span key={reason} className={`block ${state === 'refused' ? 'text-bad' : 'text-warn'}`}>
          {reason}
        </span>
      ))}
    </>
  );
}

function Progress({ running: { done, total, sinceMs, nowMs } }: { running: NonNullable<PreflightState['running']> }) {
  const elapsed = nowMs - sinceMs;
  const left = done > 0 && elapsed > 3000 ? (elapsed / done) * (total - done) : undefined;
  return (
    <span className="text-muted">
      {count(done)} of {count(total)}
      {left === undefined ? '' : ` · ${roughly(left).toLowerCase()} left`}
    </span>
  );
}
