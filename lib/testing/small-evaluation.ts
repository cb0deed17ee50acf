/** An evaluation small enough for a test: a bundled model, images drawn in memory, a laboratory on this thread. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LEVEL_ATTACKS } from '../attacks/catalogue';
import { DATASETS, type DataSource, imageBytes, type Records } from '../data/datasets';
import { Network } from '../model/network';
import { type Model, readModel } from '../model/preflight';
import { BOARDS, type Board } from '../protocol/boards';
import { type EvaluationRequest, type EvaluationWorld, evaluate } from '../protocol/evaluate';
import { measure } from '../protocol/measure';
import { type Report, reportSchema } from '../protocol/report';
import type { Laboratory } from '../protocol/units';
import { bits, type Split } from '../random';

const MODELS = path.resolve(import.meta.dirname, '../../public/models');

function filesOf(folder: string): Map<string, Uint8Array> {
  const read = (file: string) => new Uint8Array(readFileSync(path.join(folder, file)));
  return new Map(['model.json', 'group1-shard1of1.bin'].map((file) => [file, read(file)]));
}

export const bundledFiles = (name: string): Map<string, Uint8Array> => filesOf(path.join(MODELS, name));

/** The networks on Fashion-MNIST that the reference values are of (reference.ts); tests have figures of them. */
export const testModelFiles = (name: 'fmnist_st' | 'fmnist_at'): Map<string, Uint8Array> =>
  filesOf(path.join(import.meta.dirname, 'models', name));

export async function modelOf(files: ReadonlyMap<string, Uint8Array>): Promise<Model> {
  const model = await readModel(files);
  if (!model.ok) throw new Error(model.reasons.join('\n'));
  return model.value;
}

export const linfBoard = BOARDS.get('fashion-mnist/linf') as Board;

/**
 * Images of blocks in random grey, sample n of class n mod C unless `labels` says otherwise. Distinct between splits.
 */
export function drawnRecords(split: Split, count: number, labels?: ArrayLike<number>): Records {
  const size = imageBytes(DATASETS['fashion-mnist']);
  const images = new Uint8Array(count * size);
  for (let n = 0; n < count; n++) {
    const grey = bits({ seed: 5, tag: 950, sample: n, split }, 49 + size);
    for (let i = 0; i < size; i++) {
      const block = Math.floor(i / 28 / 4) * 7 + Math.floor((i % 28) / 4);
      images[n * size + i] = Math.min(255, (grey[block] & 191) + (grey[49 + i] & 31));
    }
  }
  return { images, labels: Uint8Array.from(labels ?? Array.from({ length: count }, (_, n) => n % 10)) };
}

export function memorySource(splits: Partial<Record<Split, Records>>, official = false): DataSource {
  const of = (split: Split) => {
    const records = splits[split];
    if (!records) throw new Error(`expected a ${split} split`);
    return records;
  };
  return {
    info: async (split) => ({ sha256: (split === 'test' ? '7e' : '71').repeat(32), records: of(split).labels.length, official }),
    read: async (split, first, count) => {
      const { images, labels } = of(split);
      const size = images.length / labels.length;
      return { images: images.slice(first * size, (first + count) * size), labels: labels.slice(first, first + count) };
    },
  };
}

export function laboratoryOf(network: Network, request: EvaluationRequest, capacity = 1): Laboratory {
  const { board, seed, restarts } = request;
  return { capacity, measure: (job, onProgress) => measure(network, job, { board, seed, restarts }, onProgress) };
}

export function requestFor(model: Model, changes: Partial<EvaluationRequest> = {}): EvaluationRequest {
  return {
    model,
    board: linfBoard,
    level: 'pgd',
    attacks: [...LEVEL_ATTACKS.pgd],
    samples: 10,
    trainSamples: 20,
    batch: 7,
    seed: 1,
    restarts: 1,
    layers: false,
    ...changes,
  };
}

/** A world whose clock counts its readings. */
export function worldWith(laboratory: Laboratory, data: DataSource, changes: Partial<EvaluationWorld> = {}): EvaluationWorld {
  let time = 0;
  return {
    laboratory,
    data,
    environment: { backend: 'wasm', device: 'test', engine: 'test', versions: {}, workers: 1 },
    now: () => time++,
    startedAt: '2026-01-02T03:04:05.000Z',
    ...changes,
  };
}

/** Evaluates and checks the report against its own schema. */
export async function evaluateHere(
  network: Network,
  request: EvaluationRequest,
  data: DataSource,
  { capacity = 1, ...world }: Partial<EvaluationWorld> & { capacity?: number } = {},
): Promise<Report> {
  const report = await evaluate(request, worldWith(laboratoryOf(network, request, capacity), data, world));
  return reportSchema.parse(JSON.parse(JSON.stringify(report)));
}

/** A report without what a clock or the size of the units decides. */
export function timeless(report: Report): unknown {
  const { durationMs: _, environment, attacks, ...rest } = report;
  return {
    ...rest,
    environment: { ...environment, batch: 0 },
    attacks: Object.fromEntries(Object.entries(attacks).map(([id, { durationMs: __, ...attack }]) => [id, attack])),
  };
}

/** Opens a network; the caller disposes. */
export const networkOf = (model: Model) => new Network(model.graph);
