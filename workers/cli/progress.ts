/** Progress on stderr: one line that is redrawn on a terminal, plain lines elsewhere. */
import { ATTACK_INFO } from '../../lib/attacks/catalogue';
import type { EvaluationEvent } from '../../lib/protocol/evaluate';

export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
}

export function stageText({ part, condition, stage, stages, variant }: Extract<EvaluationEvent, { type: 'stage' }>): string {
  const what = condition === 'clean' ? 'clean' : `${condition} (${ATTACK_INFO[condition].title})`;
  // check-pgd-half → pgd half
  const settings = variant ? `: ${variant.replace(/^(check|curve)-/, '').replaceAll('-', ' ')}` : '';
  return `${stage}/${stages} ${part} ${what}${settings}`;
}

export class Progress {
  private stage = '';
  private lastLine = 0;

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly now: () => number,
  ) {}

  line(text: string): void {
    this.out.write(`${this.out.isTTY ? '\r\x1b[K' : ''}${text}\n`);
  }

  event(event: EvaluationEvent): void {
    if (event.type === 'stage') {
      this.stage = stageText(event);
      if (!this.out.isTTY) this.line(this.stage);
    } else if (event.type === 'progress') this.draw(event);
  }

  private draw({ done, total, elapsedMs, standing }: Extract<EvaluationEvent, { type: 'progress' }>): void {
    const now = this.now();
    if (now - this.lastLine < (this.out.isTTY ? 100 : 5000) && done < total) return;
    this.lastLine = now;
    const share = Math.min(1, done / total);
    const rate = done / (elapsedMs / 1000);
    const left = share > 0 ? elapsedMs * (1 / share - 1) : 0;
    const bar = '█'.repeat(Math.round(share * 24)).padEnd(24, '░');
    const attacked = standing ? `, ${standing} still standing` : '';
    const text = `${bar} ${(share * 100).toFixed(0).padStart(3)} %  ${rate.toFixed(0)} image-steps/s  ${duration(left)} left${attacked}`;
    // A line longer than the terminal is wide could not be redrawn.
    const line = `${text}  ${this.stage}`.slice(0, (this.out.columns || 80) - 1);
    this.out.write(this.out.isTTY ? `\r\x1b[K${line}` : `  ${text}\n`);
  }

  finish(): void {
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }
}
