/**
 * Files ⇄ model: reads a tfjs model.json with its weight shards into plain data, believing nothing. Refusals are values:
 * one sentence each, naming the file and what would be right.
 */
import { z } from 'zod';
import { type Constant, elements } from './graph';
import { issueSentences } from './issues';
import { amount, printable } from './sentences';
import { decodeWeight, isCounter, type StoredWeight, storedBytes, weightReason } from './stored-weights';

/** What is accepted (contract §1). */
export const LIMITS = {
  parameters: 100e6,
  macs: 10e9,
  weightBytes: 400e6,
  nodes: 2000,
  jsonBytes: 10 * 1024 * 1024,
  jsonDepth: 64,
} as const;

export type Checked<T> = { ok: true; value: T } | { ok: false; reasons: string[] };
/** One line each, whatever the names in it hold. A list may be longer than the arguments of a call. */
export const refuseFor = (reasons: readonly string[]): { ok: false; reasons: string[] } => ({ ok: false, reasons: reasons.map(printable) });
export const refuse = (...reasons: string[]) => refuseFor(reasons);

export interface ModelJson {
  format: 'layers-model' | 'graph-model';
  topology: unknown;
  /** Of a graph model: names its input and output. */
  signature?: unknown;
  /** Of a graph model: a second graph that fills its tables. */
  initializer?: unknown;
  /** Weight groups in file order. */
  groups: { paths: string[]; weights: StoredWeight[] }[];
}

export interface ModelBundle {
  json: ModelJson;
  weights: Map<string, Constant>;
  /** Whole numbers that are parameters of a graph model's operations. */
  integers: Map<string, { shape: number[]; values: Int32Array }>;
  /** Identity of the model, see {@link modelDigest}. */
  sha256: string;
  bytes: number;
}

const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string()).min(1),
    weights: z.array(
      z.object({
        name: z.string().min(1),
        shape: z.array(z.number().int()),
        dtype: z.string(),
        quantization: z.unknown().optional(),
      }),
    ),
  }),
);

/** Depth of nesting of a JSON text, counted without building it. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 92) i++;
      else if (c === 34) quoted = false;
    } else if (c === 34) quoted = true;
    else if (c === 123 || c === 91) deepest = Math.max(deepest, ++depth);
    else if (c === 125 || c === 93) depth--;
  }
  return deepest;
}

/** A shard's path is a plain relative path below model.json's folder. */
export function isSafePath(path: string): boolean {
  return (
    path.length > 0 &&
    path.length <= 255 &&
    !/[\\:\0]/.test(path) &&
    !path.startsWith('/') &&
    path.split('/').every((part) => part !== '' && !/^(\.|%2e){1,2}$/i.test(part))
  );
}

export function readModelJson(bytes: Uint8Array): Checked<ModelJson> {
  if (bytes.length > LIMITS.jsonBytes) return refuse(`model.json is ${bytes.length} bytes long; at most ${LIMITS.jsonBytes} are read`);
  const text = new TextDecoder().decode(bytes);
  const depth = jsonDepth(text);
  if (depth > LIMITS.jsonDepth) return refuse(`model.json is nested ${depth} levels deep; at most ${LIMITS.jsonDepth} are read`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse(`model.json is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return refuse('model.json must hold an object');
  const field = (name: string): unknown => (Object.hasOwn(parsed, name) ? (parsed as Record<string, unknown>)[name] : undefined);
  const topology = field('modelTopology');
  if (typeof topology !== 'object' || topology === null) {
    return refuse('model.json has no modelTopology; save the whole model, not its weights alone');
  }
  const manifest = manifestSchema.safeParse(field('weightsManifest'));
  if (!manifest.success) return refuseFor(issueSentences(manifest.error, 'model.json: weightsManifest', field('weightsManifest')));

  const declared = field('format');
  const format = declared === 'graph-model' || Object.hasOwn(topology, 'node') ? 'graph-model' : 'layers-model';
  const reasons: string[] = [];
  const seen = new Set<string>();
  for (const group of manifest.data) {
    for (const path of group.paths) {
      if (!isSafePath(path))
        reasons.push(`model.json: weight file ${JSON.stringify(path)} must be a relative path inside the model's folder`);
    }
    for (const weight of group.weights) {
      if (seen.has(weight.name)) reasons.push(`model.json: weight ${weight.name} is listed twice`);
      seen.add(weight.name);
      const reason = weightReason(weight, format === 'graph-model');
      if (reason) reasons.push(`model.json: ${reason}`);
    }
  }
  reasons.push(...sizeReasons(manifest.data.flatMap((g) => g.weights)));
  if (reasons.length) return refuseFor(reasons);

  const metadata = field('userDefinedMetadata');
  const signature = (metadata as { signature?: unknown } | null | undefined)?.signature ?? field('signature');
  return { ok: true, value: { format, topology, signature, initializer: field('modelInitializer'), groups: manifest.data } };
}

function sizeReasons(weights: readonly StoredWeight[]): string[] {
  const sum = (of: (weight: StoredWeight) => number) => weights.reduce((n, w) => n + of(w), 0);
  const [bytes, numbers] = [sum(storedBytes), sum((w) => elements(w.shape))];
  const largest = (of: (weight: StoredWeight) => number) => {
    const weight = weights.reduce((a, b) => (of(b) > of(a) ? b : a));
    return `(the largest, ${weight.name}, has ${amount(of(weight))})`;
  };
  if (bytes > LIMITS.weightBytes) {
    return [`model.json: the weights are ${amount(bytes)} bytes long; at most ${LIMITS.weightBytes} are accepted ${largest(storedBytes)}`];
  }
  const most = LIMITS.weightBytes / 4; // quantised ones grow as they are read
  if (numbers <= most) return [];
  return [`model.json: the weights are ${amount(numbers)} numbers; at most ${most} are accepted ${largest((w) => elements(w.shape))}`];
}

/** Paths of all weight shards, in manifest order. */
export const shardPaths = (json: ModelJson): string[] => [...new Set(json.groups.flatMap((g) => g.paths))];

/** Hex SHA-256. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}

/**
 * A model's identity: SHA-256 over the lines `<sha256 of the file>  <path>\n`, first model.json, then the shards in
 * manifest order. `sha256sum model.json group1-shard1of1.bin | sha256sum` gives the same.
 */
export async function modelDigest(files: ReadonlyMap<string, Uint8Array>, paths: readonly string[]): Promise<string> {
  let lines = '';
  for (const path of ['model.json', ...paths]) lines += `${await sha256Hex(files.get(path) as Uint8Array)}  ${path}\n`;
  return sha256Hex(new TextEncoder().encode(lines));
}

/** Reads weights out of the shards. `files` holds model.json and every shard by its path. */
export async function readBundle(files: ReadonlyMap<string, Uint8Array>): Promise<Checked<ModelBundle>> {
  const jsonBytes = files.get('model.json');
  if (!jsonBytes) return refuse('model.json is missing');
  const json = readModelJson(jsonBytes);
  if (!json.ok) return json;
  const paths = shardPaths(json.value);
  const missing = paths.filter((p) => !files.has(p));
  if (missing.length) return refuseFor(missing.map((p) => `weight file ${p} is missing`));

  const reasons: string[] = [];
  const weights: ModelBundle['weights'] = new Map();
  const integers: ModelBundle['integers'] = new Map();
  const { format } = json.value;
  for (const group of json.value.groups) {
    const shards = group.paths.map((p) => files.get(p) as Uint8Array);
    const have = shards.reduce((n, s) => n + s.length, 0);
    const need = group.weights.reduce((n, w) => n + storedBytes(w), 0);
    if (have !== need) {
      reasons.push(`weight file ${group.paths.join(', ')}: ${have} bytes found, ${need} expected${have < need ? ' (truncated?)' : ''}`);
      continue;
    }
    const joined = new Uint8Array(have);
    let at = 0;
    for (const shard of shards) {
      joined.set(shard, at);
      at += shard.length;
    }
    let offset = 0;
    for (const weight of group.weights) {
      const { name, shape } = weight;
      const bytes = joined.subarray(offset, offset + storedBytes(weight));
      offset += bytes.length;
      if (format === 'layers-model' && isCounter(weight)) continue;
      const values = decodeWeight(weight, bytes);
      if (values instanceof Int32Array) {
        integers.set(name, { shape, values });
        continue;
      }
      const bad = values.findIndex((v) => !Number.isFinite(v));
      if (bad >= 0) reasons.push(`weight ${name} holds ${values[bad]} at position ${bad}; every weight must be finite`);
      weights.set(name, { shape, values });
    }
  }
  if (reasons.length) return refuseFor(reasons);
  const bytes = jsonBytes.length + paths.reduce((n, p) => n + (files.get(p) as Uint8Array).length, 0);
  return { ok: true, value: { json: json.value, weights, integers, sha256: await modelDigest(files, paths), bytes } };
}
