/**
 * Data sets that need no file: drawn where they are read, block by block. Every block is compared with its published digest
 * before it is given away, so the bytes are the official ones or there are none.
 */
import { Failure } from '../failure';
import { sha256Hex } from '../model/bundle';
import type { Split } from '../random';
import type { DataSource, Dataset, Records } from './datasets';
import { GLYPH_BLOCKS, GLYPHS_PER_BLOCK } from './glyph-blocks';
import { drawGlyphs } from './glyphs';

/** Reads from it are in memory; `DataSource` in all places. */
export function builtInSource(dataset: Dataset): DataSource | undefined {
  return dataset.id === 'glyphs' ? new Glyphs(dataset) : undefined;
}

class Glyphs implements DataSource {
  private readonly blocks = new Map<string, Promise<Records>>();

  constructor(private readonly dataset: Dataset) {}

  async info(split: Split) {
    return { sha256: this.dataset.officialSha256[split] as string, records: this.dataset.records[split], official: true };
  }

  async read(split: Split, first: number, count: number): Promise<Records> {
    const records = this.dataset.records[split];
    if (first + count > records) throw new Error(`expected records below ${records}, got ${first} to ${first + count - 1}`);
    const size = this.dataset.shape.reduce((a, b) => a * b);
    const images = new Uint8Array(count * size);
    const labels = new Uint8Array(count);
    for (let b = Math.floor(first / GLYPHS_PER_BLOCK); b * GLYPHS_PER_BLOCK < first + count; b++) {
      const block = await this.block(split, b);
      const start = b * GLYPHS_PER_BLOCK;
      const [from, to] = [Math.max(first, start), Math.min(first + count, start + GLYPHS_PER_BLOCK)];
      images.set(block.images.subarray((from - start) * size, (to - start) * size), (from - first) * size);
      labels.set(block.labels.subarray(from - start, to - start), from - first);
    }
    return { images, labels };
  }

  private block(split: Split, index: number): Promise<Records> {
    const key = `${split} ${index}`;
    const kept = this.blocks.get(key);
    if (kept) return kept;
    const drawing = drawChecked(split, index);
    this.blocks.set(key, drawing);
    return drawing;
  }
}

async function drawChecked(split: Split, index: number): Promise<Records> {
  const block = drawGlyphs(split, index * GLYPHS_PER_BLOCK, GLYPHS_PER_BLOCK);
  if ((await blockDigest(block)) !== GLYPH_BLOCKS[split][index])
    throw new Failure(
      'data-damaged',
      `block ${index} of the ${split} split of Glyphs was drawn with other bytes than published: this engine's arithmetic is not IEEE 754's`,
    );
  return block;
}

/** SHA-256 of a block's images and labels. */
export function blockDigest({ images, labels }: Records): Promise<string> {
  const bytes = new Uint8Array(images.length + labels.length);
  bytes.set(images);
  bytes.set(labels, images.length);
  return sha256Hex(bytes);
}
