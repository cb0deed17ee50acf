/** A split as a site lists it. */
import { createHash } from 'node:crypto';
import { BLOCK_BYTES, type BlockList } from '../../lib/data/blocks';

export function blockListOf(bytes: Uint8Array, records: number, sha256: string): BlockList {
  const blocks = Array.from({ length: Math.ceil(bytes.length / BLOCK_BYTES) }, (_, i) =>
    createHash('sha256')
      .update(bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES))
      .digest('hex'),
  );
  return { sha256, records, official: false, bytes: bytes.length, blockBytes: BLOCK_BYTES, blocks };
}
