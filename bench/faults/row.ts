/** A row of the table: a fault, what came of it, and whether what must hold does. */
import { type Counts, difference } from './counts';

export interface Row {
  fault: string;
  /** How it was injected, and how often. */
  injected: string;
  happened: string;
  counted: string;
  /** Sentences on what does not hold; none where the row passes. */
  wrong: string[];
}

/** Collects what does not hold, so that one row tells all of it. */
export class Checks {
  readonly wrong: string[] = [];

  that(sentence: string, holds: boolean): void {
    if (!holds) this.wrong.push(sentence);
  }

  /** Compares as JSON. */
  same(what: string, got: unknown, expected: unknown): void {
    const [one, other] = [JSON.stringify(got), JSON.stringify(expected)];
    this.that(`${what}: ${short(one)}, expected ${short(other)}`, one === other);
  }

  /** Every count that is named changed by so much, and every other not at all; the standings only where `moved`. */
  changed(before: Counts, after: Counts, by: Partial<Record<Exclude<keyof Counts, 'standings'>, number>>, moved = false): void {
    const { standings: was, ...counts } = before;
    for (const [key, value] of Object.entries(counts)) this.same(key, after[key as 'open'], value + (by[key as 'open'] ?? 0));
    if (!moved) this.that('the standings moved', was === after.standings);
  }

  row(fault: string, injected: string, happened: string, before: Counts, after: Counts): Row {
    return { fault, injected, happened, counted: difference(before, after), wrong: this.wrong };
  }
}

const short = (json: string | undefined) => (json && json.length > 200 ? `${json.slice(0, 200)}…` : json);
