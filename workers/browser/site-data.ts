/** Images from the site by byte range, block by block: checked against the site's list, kept in the browser's cache. */
import { type BlockList, blocksOf, recordRanges, siteManifestSchema } from '../../lib/data/blocks';
import type { DataSource, Dataset } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { sha256Hex } from '../../lib/model/bundle';
import type { Split } from '../../lib/random';

const CACHE = 'simplexity-data-1';

/** The browser's cache; absent in private windows of some browsers, then nothing is kept. */
const openCache = () => (typeof caches === 'undefined' ? Promise.resolve(undefined) : caches.open(CACHE).catch(() => undefined));

export class SiteData implements DataSource {
  private readonly blocks = new Map<string, Promise<Uint8Array>>();

  private constructor(
    private readonly dataset: Dataset,
    private readonly splits: Partial<Record<Split, BlockList>>,
    private readonly cache: Cache | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** `onStatus` hears what the site is doing where it fetches or unpacks the data for the first time. */
  static async open(dataset: Dataset, onStatus: (text: string) => void, signal?: AbortSignal): Promise<SiteData> {
    let response: Response;
    let body: unknown;
    for (;;) {
      response = await fetch(`/data/${dataset.id}/manifest.json`, { signal });
      body = await response.json().catch(() => undefined);
      if (response.status !== 202) break;
      onStatus(`The site is ${(body as { status?: string } | undefined)?.status ?? 'preparing the data'}…`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    if (!response.ok) {
      const message = (body as { error?: { message?: string } } | undefined)?.error?.message;
      throw new Failure('data-unavailable', message ?? `the site could not give ${dataset.title}: it answered ${response.status}`);
    }
    return new SiteData(dataset, siteManifestSchema.parse(body).splits, await openCache(), signal);
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
    await this.need(split, [images, labels]);
    return { images: await this.bytes(split, images), labels: await this.bytes(split, labels) };
  }

  private list(split: Split): BlockList {
    const list = this.splits[split];
    if (!list) throw new Failure('data-unavailable', `the site has no ${split} split of ${this.dataset.title}`);
    return list;
  }

  private key(split: Split, block: number): string {
    return `/data/blocks/${this.list(split).blocks[block]}`;
  }

  private async bytes(split: Split, [start, end]: [number, number]): Promise<Uint8Array> {
    const { blockBytes } = this.list(split);
    const out = new Uint8Array(end - start);
    for (const block of blocksOf([start, end], blockBytes)) {
      const content = await (this.blocks.get(this.key(split, block)) as Promise<Uint8Array>);
      const from = Math.max(start, block * blockBytes);
      const to = Math.min(end, block * blockBytes + content.length);
      out.set(content.subarray(from - block * blockBytes, to - block * blockBytes), from - start);
    }
    return out;
  }

  /** Makes sure that the blocks of some ranges are in memory; neighbours are fetched together. */
  private async need(split: Split, ranges: [number, number][]): Promise<void> {
    const { blockBytes } = this.list(split);
    const wanted = [...new Set(ranges.flatMap((r) => blocksOf(r, blockBytes)))].filter((b) => !this.blocks.has(this.key(split, b)));
    let run: number[] = [];
    const flush = () => {
      if (run.length) this.load(split, run);
      run = [];
    };
    for (const block of wanted) {
      if (run.length && run[run.length - 1] !== block - 1) flush();
      run.push(block);
    }
    flush();
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
    const { blockBytes, bytes, blocks } = this.list(split);
    const cached = await Promise.all(run.map((b) => this.cache?.match(this.key(split, b))));
    if (cached.every((c) => c !== undefined)) {
      return Promise.all(cached.map(async (c) => new Uint8Array(await (c as Response).arrayBuffer())));
    }
    const start = run[0] * blockBytes;
    const end = Math.min(bytes, (run[run.length - 1] + 1) * blockBytes);
    const url = `/data/${this.dataset.id}/${split}.bin`;
    const response = await fetch(url, { headers: { Range: `bytes=${start}-${end - 1}` }, signal: this.signal });
    if (response.status !== 206)
      throw new Failure('data-unavailable', `${url}: a part was asked for, the site answered ${response.status}`);
    const content = new Uint8Array(await response.arrayBuffer());
    return Promise.all(
      run.map(async (block, i) => {
        const part = content.slice(i * blockBytes, Math.min(content.length, (i + 1) * blockBytes));
        if ((await sha256Hex(part)) !== blocks[block])
          throw new Failure('data-damaged', `${url}: block ${block} does not match its digest`);
        // A full cache must not stop a run.
        await this.cache?.put(this.key(split, block), new Response(part)).catch(() => undefined);
        return part;
      }),
    );
  }
}
