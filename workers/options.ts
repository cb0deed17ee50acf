/** What commands share in reading their arguments: a wrong one is named with what would be right. */
import { parseArgs } from 'node:util';
import { Failure } from '../lib/failure';
import { BOARDS, type Board } from '../lib/protocol/boards';
import { inRange, type Range, rangeWords } from '../lib/training/ranges';

export const wrong = (message: string) => new Failure('arguments', message);

export interface Declared<T extends string, F extends string> {
  /** Options with a value, and those without one. `help` is there in any case. */
  texts: readonly T[];
  flags?: readonly F[];
}

export class Options<T extends string, F extends string> {
  private constructor(private readonly values: Readonly<Record<string, string | boolean | undefined>>) {}

  /** 'help' where help was asked for, whatever else is there. */
  static read<const T extends string, const F extends string = never>(argv: string[], declared: Declared<T, F>): Options<T, F> | 'help' {
    const options = {
      ...Object.fromEntries(declared.texts.map((name) => [name, { type: 'string' } as const])),
      ...Object.fromEntries((declared.flags ?? []).map((name) => [name, { type: 'boolean' } as const])),
      help: { type: 'boolean', short: 'h' } as const,
    };
    // A negative number after an option is its value, to be refused with what would be right.
    const args: string[] = [];
    for (const word of argv) {
      const before = args.at(-1);
      if (/^-\.?\d/.test(word) && declared.texts.some((name) => before === `--${name}`)) args.push(`${args.pop()}=${word}`);
      else args.push(word);
    }
    try {
      const { values } = parseArgs({ args, options });
      return values.help ? 'help' : new Options<T, F>(values);
    } catch (error) {
      throw wrong(`${(error as Error).message.replace(/\.$/, '')}; see --help`);
    }
  }

  /** Undefined where it was not given, or is empty. */
  text(name: T): string | undefined {
    return (this.values[name] as string | undefined)?.trim() || undefined;
  }

  /** Present, or refused; `what` says what it should be. */
  needed(name: T, what: string): string {
    const value = this.text(name);
    if (value === undefined) throw wrong(`--${name} is missing: ${what}`);
    return value;
  }

  flag(name: F): boolean {
    return this.values[name] === true;
  }

  whole<D extends number | undefined>(name: T, least: number, most: number, otherwise: D): number | D {
    return this.within(name, { least, most, whole: true }, otherwise);
  }

  /** `above`: the lower end itself is not allowed. */
  decimal<D extends number | undefined>(name: T, least: number, most: number, otherwise: D, above = false): number | D {
    return this.within(name, { least, most, ...(above ? { above } : {}) }, otherwise);
  }

  within<D extends number | undefined>(name: T, range: Range, otherwise: D): number | D {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const number = Number(text);
    const written = range.whole ? /^\d+$/ : /^\d*\.?\d+(e-?\d+)?$/i;
    if (!written.test(text) || !inRange(number, range)) throw wrong(`--${name} must be ${rangeWords(range)}, got ${text}`);
    return number;
  }

  oneOf<C extends string>(name: T, choices: readonly C[], otherwise?: C): C {
    const text = otherwise === undefined ? this.needed(name, `one of ${choices.join(', ')}`) : (this.text(name) ?? otherwise);
    const choice = choices.find((c) => c === text);
    if (choice === undefined) throw wrong(`--${name} must be one of ${choices.join(', ')}, got ${text}`);
    return choice;
  }

  board(name: T): Board {
    return BOARDS.get(this.oneOf(name, [...BOARDS.keys()])) as Board;
  }
}
