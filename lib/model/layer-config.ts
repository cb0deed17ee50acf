/** Careful reading of one layer's `config` object: own properties only, every value checked, errors name the layer. */

export class LayerRefusal extends Error {}

/** `channels_last`, `channelsLast` and `CHANNELS-LAST` are one word. */
export const plainWord = (word: string) => word.toLowerCase().replace(/[_-]/g, '');

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class LayerConfig {
  constructor(
    readonly className: string,
    readonly layer: string,
    private readonly config: Record<string, unknown>,
  ) {}

  refuse(message: string): never {
    throw new LayerRefusal(`layer ${this.layer} (${this.className}): ${message}`);
  }

  /** The raw value, undefined where absent or null. Tries snake_case as given, then camelCase. */
  get(key: string): unknown {
    const camel = key.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
    for (const k of [key, camel]) {
      if (Object.hasOwn(this.config, k) && this.config[k] !== null) return this.config[k];
    }
    return undefined;
  }

  number(key: string, fallback?: number): number {
    const value = this.get(key) ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) this.refuse(`${key} must be a number, got ${JSON.stringify(value)}`);
    return value as number;
  }

  int(key: string, fallback?: number): number {
    const value = this.number(key, fallback);
    if (!Number.isInteger(value) || value < 1 || value > 1e6) this.refuse(`${key} must be a whole number of at least 1, got ${value}`);
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.get(key) ?? fallback;
    if (typeof value !== 'boolean') this.refuse(`${key} must be true or false, got ${JSON.stringify(value)}`);
    return value as boolean;
  }

  word(key: string, fallback: string): string {
    const value = this.get(key) ?? fallback;
    if (typeof value !== 'string') this.refuse(`${key} must be a word, got ${JSON.stringify(value)}`);
    return value as string;
  }

  /** A number or a pair of numbers, both whole and at least 1. */
  pair(key: string, fallback?: number | readonly [number, number]): [number, number] {
    const value = this.get(key) ?? fallback;
    const list = typeof value === 'number' ? [value, value] : value;
    const good = Array.isArray(list) && list.length === 2 && list.every((n) => Number.isInteger(n) && n >= 1 && n <= 65536);
    if (!good) this.refuse(`${key} must be one or two whole numbers of at least 1, got ${JSON.stringify(value)}`);
    return list as [number, number];
  }

  numbers(key: string): number[] | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const list = typeof value === 'number' ? [value] : (value as unknown[]);
    if (!Array.isArray(list) || !list.every((n) => typeof n === 'number' && Number.isFinite(n))) {
      this.refuse(`${key} must be a list of numbers`);
    }
    return list as number[];
  }

  /** Everything here is NHWC. */
  channelsLast(): void {
    if (plainWord(this.word('data_format', 'channels_last')) !== 'channelslast') this.refuse('data_format must be channels_last');
  }
}
