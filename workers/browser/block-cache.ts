/** Blocks of data sets in the browser's cache. */
import type { BlockCache } from '../site-data';

const CACHE = 'simplexity-data-1';

const keyOf = (sha256: string) => `/data/blocks/${sha256}`;

/** Absent in private windows of some browsers, then nothing is kept. */
export async function browserBlocks(): Promise<BlockCache | undefined> {
  const cache = typeof caches === 'undefined' ? undefined : await caches.open(CACHE).catch(() => undefined);
  if (!cache) return undefined;
  return {
    get: async (sha256) => {
      const kept = await cache.match(keyOf(sha256));
      return kept && new Uint8Array(await kept.arrayBuffer());
    },
    put: (sha256, block) => cache.put(keyOf(sha256), new Response(block as Uint8Array<ArrayBuffer>)),
  };
}
