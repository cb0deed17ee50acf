/** Images from a site by byte range, block by block: each checked against the site's list, and kept in a cache. */
import { BLOCKS_PER_ANSWER, type BlockList, blocksOf, recordRanges, siteManifestSchema } from '../lib/data/blocks';
import type { DataSource, Dataset } from '../lib/data/datasets';
import { Failure } from '../lib/failure';
import { sha256Hex } from '../lib/model/bundle';
import type { Split } from '../lib/random';

/** 128 MB: all of what a run on small images reads, a window on the gigabyte of ImageNette. */
const BLOCKS_IN_MEMORY = 512;

/** Where blocks are kept from one run to the next, by their SHA-256. What it gives is checked again; it may forget. */
export interface BlockCache {
  get(sha256: string): Promise<Uint8Array | undefined>;
  put(sha256: string, block: Uint8Array): Promise<void>;
}

export interface SiteDataOptions {
  /** Address of the site; the page's own by default. */
  base?: string;
  /** The one that asks; it may be more patient than the plain one. */
  fetch?: typeof globalThis.fetch;
  cache?: BlockCache;
  /** Hears what the site is doing where it fetches or unpacks the data for the first time. */
  onStatus?(text: string): void;
  signal?: AbortSignal;
}

export class SiteData implements DataSource {
  private readonly blocks = new Map<string, Promise<Uint8Array>>();

  private constructor(
    private readonly dataset: Dataset,
    private readonly splits: Partial<Record<Split, BlockList>>,
    readonly notes: string[],
    private readonly options: SiteDataOptions,
  ) {}

  static async open(dataset: Dataset, options: SiteDataOptions): Promise<SiteData> {
    const { base = '', fetch = globalThis.fetch, onStatus, signal } = options;
    let response: Response;
    let body: unknown;
    for (;;) {
      response = await fetch(`${base}/data/${dataset.id}/manifest.json`, { signal });
      body = await response.json().catch(() => undefined);
      if (response.status !== 202) break;
      onStatus?.(`The site is ${(body as { status?: string } | undefined)?.status ?? 'preparing the data'}…`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    if (!response.ok) {
      const message = (body as { error?: { message?: string } } | undefined)?.error?.message;
      throw new Failure('data-unavailable', message ?? `the site could not give ${dataset.title}: it answered ${response.status}`);
    }
    const { splits, notes } = siteManifestSchema.parse(body);
    return new SiteData(dataset, splits, notes, options);
  }

  /** What the site has, without the digests of the blocks. */
  summary(): Partial<Record<Split, Pick<BlockList, 'records' | 'bytes' | 'blockBytes' | 'official'>>> {
    return Object.fromEntries(
      Object.entries(this.splits).map(([split, { records, bytes, blockBytes, official }]) => [
        split,
        { records, bytes, blockBytes, official },
      ]),
    );
  }

  async info(split: Split) {
    const { sha256, records, official } = this.list(split);
    return { sha256, records, official };
  }

  async read(split: Split, first: number, count: number) {
    const [images, labels] = recordRanges(this.dataset, this.list(split).records, first, count);
    const blocks = await this.need(split, [images, labels]);
    return { images: await this.bytes(split, images, blocks), labels: await this.bytes(split, labels, blocks) };
  }

  private list(split: Split): BlockList {
    const list = this.splits[split];
    if (!list) throw new Failure('data-unavailable', `the site has no ${split} split of ${this.dataset.title}`);
    return list;
  }

  private key(split: Split, block: number): string {
    return this.list(split).blocks[block];
  }

  private async bytes(split: Split, [start, end]: [number, number], blocks: ReadonlyMap<number, Uint8Array>): Promise<Uint8Array> {
    const { blockBytes } = this.list(split);
    const out = new Uint8Array(end - start);
    for (const [block, content] of blocks) {
      const from = Math.max(start, block * blockBytes);
      const to = Math.min(end, block * blockBytes + content.length);
      if (from < to) out.set(content.subarray(from - block * blockBytes, to - block * blockBytes), from - start);
    }
    return out;
  }

  /** The blocks of some ranges; neighbours that are not in memory yet are fetched together. */
  private async need(split: Split, ranges: [number, number][]): Promise<Map<number, Uint8Array>> {
    const { blockBytes } = this.list(split);
    const wanted = [...new Set(ranges.flatMap((r) => blocksOf(r, blockBytes)))];
    let run: number[] = [];
    const flush = () => {
      if (run.length) this.load(split, run);
      run = [];
    };
    for (const block of wanted.filter((b) => !this.blocks.has(this.key(split, b)))) {
      if (run.length === BLOCKS_PER_ANSWER || (run.length && run[run.length - 1] !== block - 1)) flush();
      run.push(block);
    }
    flush();
    const contents = wanted.map((b) => this.blocks.get(this.key(split, b)) as Promise<Uint8Array>);
    this.forgetOldest(wanted.map((b) => this.key(split, b)));
    const settled = await Promise.all(contents);
    return new Map(wanted.map((block, i) => [block, settled[i]]));
  }

  /** Keeps the blocks that were needed last; the others are in the browser's cache, or are fetched again. */
  private forgetOldest(used: readonly string[]): void {
    for (const key of used) {
      const content = this.blocks.get(key) as Promise<Uint8Array>;
      this.blocks.delete(key);
      this.blocks.set(key, content);
    }
    const most = Math.max(BLOCKS_IN_MEMORY, used.length);
    for (const key of [...this.blocks.keys()].slice(0, Math.max(0, this.blocks.size - most))) this.blocks.delete(key);
  }

  private load(split: Split, run: number[]): void {
    const whole = this.fetchRun(split, run);
    run.forEach((block, i) => {
      const content = whole.then((list) => list[i]);
      content.catch(() => this.blocks.delete(this.key(split, block))); // another read may try again
      this.blocks.set(this.key(split, block), content);
    });
  }

  private async fetchRun(split: Split, run: number[]): Promise<Uint8Array[]> {
    const kept = await Promise.all(run.map((block) => this.fromCache(split, block)));
    if (kept.every((k) => k !== undefined)) return kept as Uint8Array[];
    // What was damaged on its way once is asked for again, past every cache on the way.
    const parts = (await this.fetchChecked(split, run, 'default')) ?? (await this.fetchChecked(split, run, 'reload'));
    if (!parts) throw new Failure('data-damaged', `${this.url(split)}: ${blocksNamed(run)} did not match the published digest, twice`);
    // A full cache must not stop a run.
    await Promise.all(parts.map((part, i) => this.options.cache?.put(this.key(split, run[i]), part).catch(() => undefined)));
    return parts;
  }

  private url(split: Split): string {
    return `${this.options.base ?? ''}/data/${this.dataset.id}/${split}.bin`;
  }

  /** Blocks that are neighbours; undefined where one of them is not what the list says. */
  private async fetchChecked(split: Split, run: number[], cache: RequestCache): Promise<Uint8Array[] | undefined> {
    const { blockBytes, bytes, blocks } = this.list(split);
    const start = run[0] * blockBytes;
    const end = Math.min(bytes, (run[run.length - 1] + 1) * blockBytes);
    const content = await fetchPart(this.url(split), start, end, cache, this.options);
    const parts = run.map((_, i) => content.slice(i * blockBytes, Math.min(content.length, (i + 1) * blockBytes)));
    const digests = await Promise.all(parts.map(sha256Hex));
    return digests.every((digest, i) => digest === blocks[run[i]]) ? parts : undefined;
  }

  /** A block that was kept, checked again: what was damaged since is fetched anew. */
  private async fromCache(split: Split, block: number): Promise<Uint8Array | undefined> {
    const key = this.key(split, block);
    const kept = await this.options.cache?.get(key);
    return kept && (await sha256Hex(kept)) === key ? kept : undefined;
  }
}

/** Tries of one request before a broken connection ends the run. */
const TRIES = 4;

async function fetchPart(
  url: string,
  start: number,
  end: number,
  cache: RequestCache,
  { fetch = globalThis.fetch, signal }: SiteDataOptions,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, { headers: { Range: `bytes=${start}-${end - 1}` }, cache, signal });
      if (response.status !== 206)
        throw new Failure('data-unavailable', `${url}: a part was asked for, the site answered ${response.status}`);
      const content = new Uint8Array(await response.arrayBuffer());
      if (content.length !== end - start) throw new Failure('data-unavailable', `${url}: ${content.length} of ${end - start} bytes came`);
      return content;
    } catch (error) {
      if (signal?.aborted) throw new Failure('stopped', 'stopped', { cause: error });
      if (error instanceof Failure && error.message.includes('answered')) throw error;
      if (attempt === TRIES)
        throw new Failure('data-unavailable', `${url} could not be fetched in ${TRIES} tries: ${(error as Error).message}`, {
          cause: error,
        });
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
    }
  }
}

const blocksNamed = (run: readonly number[]) => (run.length === 1 ? `block ${run[0]}` : `a block from ${run[0]} to ${run[run.length - 1]}`);
