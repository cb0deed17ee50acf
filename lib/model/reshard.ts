/**
 * Cuts a model's weight files anew, so that each can be sent in one request. Only paths in model.json change, and with
 * them the model's identity (modelDigest names every file): whoever measures a model that is to be sent does so afterwards.
 */

/** 4 MiB, as tfjs cuts by itself. */
export const SHARD_BYTES = 4 * 1024 * 1024;

export interface Resharded {
  /** model.json and every weight file that it names, nothing else. */
  files: Map<string, Uint8Array>;
  /** False: the files are as they came. */
  changed: boolean;
}

export interface ReshardOptions {
  /** A file above this is cut. */
  largest: number;
  /** Size of the new pieces. */
  shard?: number;
  /** With more files than this all groups are joined and cut. */
  mostFiles?: number;
}

interface ManifestGroup {
  paths: string[];
}

/** `files` are those of a model that `readModel` accepted. */
export function reshard(
  files: ReadonlyMap<string, Uint8Array>,
  { largest, shard = SHARD_BYTES, mostFiles = Number.POSITIVE_INFINITY }: ReshardOptions,
): Resharded {
  const jsonBytes = files.get('model.json') as Uint8Array;
  const json = JSON.parse(new TextDecoder().decode(jsonBytes)) as { weightsManifest: ManifestGroup[] };
  const groups = json.weightsManifest;
  const size = (path: string) => (files.get(path) as Uint8Array).length;
  const used = new Set(groups.flatMap((g) => g.paths));
  const all = used.size + 1 > mostFiles;
  const cut = groups.map((g) => all || g.paths.some((p) => size(p) > largest));
  const kept = new Set(groups.flatMap((g, i) => (cut[i] ? [] : g.paths)));
  const out = new Map<string, Uint8Array>();
  const weights = new Map([...kept].map((path) => [path, files.get(path) as Uint8Array]));
  groups.forEach((group, g) => {
    if (!cut[g]) return;
    const whole = joined(group.paths.map((p) => files.get(p) as Uint8Array));
    const count = Math.max(1, Math.ceil(whole.length / shard));
    let prefix = `group${g + 1}`;
    while ([...kept].some((p) => p.startsWith(`${prefix}-shard`))) prefix += 'x';
    group.paths = Array.from({ length: count }, (_, i) => `${prefix}-shard${i + 1}of${count}.bin`);
    group.paths.forEach((path, i) => {
      weights.set(path, whole.slice(i * shard, (i + 1) * shard));
    });
  });
  const changed = cut.some(Boolean) || jsonBytes.length > largest;
  // Without its indentation a large model.json may fit.
  out.set('model.json', changed ? new TextEncoder().encode(JSON.stringify(json)) : jsonBytes);
  for (const path of new Set(groups.flatMap((g) => g.paths))) out.set(path, weights.get(path) as Uint8Array);
  return { files: out, changed };
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
