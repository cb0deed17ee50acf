/** What would be sent: the model's files, each small enough for one request, refused here for the same reasons as by `evaluate`. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { DATASETS } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { modelDigest, sha256Hex } from '../../lib/model/bundle';
import { boardReasons, readModel } from '../../lib/model/preflight';
import { reshard, SHARD_BYTES } from '../../lib/model/reshard';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { inconsistencies } from '../../lib/protocol/consistency';
import { LARGEST_UPLOAD } from '../../lib/protocol/preflight-checks';
import { reportSchema } from '../../lib/protocol/report';
import { readModelFiles } from '../node/model-files';

/** Files that a site takes for one model. */
const MOST_FILES = 500;

export interface Part {
  path: string;
  sha256: string;
  bytes: number;
  content: Uint8Array;
}

export interface ModelToSend {
  /** Of the files as they are sent. */
  sha256: string;
  parts: Part[];
  /** Files of the folder that were too large, or too many, and were cut anew. */
  cut: string[];
  notes: string[];
}

export async function readModelToSend(
  target: string,
  board: Board,
  limits = { largest: LARGEST_UPLOAD, mostFiles: MOST_FILES },
): Promise<ModelToSend> {
  const given = await readModelFiles(target);
  const model = await readModel(given);
  if (!model.ok) throw new Failure('model-refused', model.reasons.join('\n'));
  const reasons = boardReasons(model.value, DATASETS[board.dataset]);
  if (reasons.length) throw new Failure('model-refused', reasons.join('\n'));
  const { files, changed } = reshard(given, { ...limits, shard: Math.min(SHARD_BYTES, limits.largest) });
  const parts: Part[] = [];
  for (const [name, content] of files) parts.push({ path: name, sha256: await sha256Hex(content), bytes: content.length, content });
  const large = parts.filter((p) => p.bytes > limits.largest);
  if (large.length)
    throw new Failure(
      'model-refused',
      large
        .map((p) => `${p.path} is ${p.bytes} bytes long; at most ${limits.largest} can be sent at once, and only weights can be cut`)
        .join('\n'),
    );
  return {
    sha256: changed ? await modelDigest(files, [...files.keys()].slice(1)) : model.value.sha256,
    parts,
    cut: changed ? cutFiles(given, files) : [],
    notes: model.value.graph.notes,
  };
}

function cutFiles(given: ReadonlyMap<string, Uint8Array>, sent: ReadonlyMap<string, Uint8Array>): string[] {
  const weights = [...given.keys()].filter((name) => name !== 'model.json' && sent.get(name) !== given.get(name));
  return weights.length ? weights : ['model.json'];
}

/** A report's exact text, after a look at whether a site could take it for this model. */
export async function readReport(file: string, model: ModelToSend, board: Board): Promise<string> {
  const wrong = (what: string, cause?: unknown) => new Failure('arguments', `--report ${file}: ${what}`, { cause });
  const text = await readText(file, wrong);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw wrong(`it is not JSON: ${(cause as Error).message}`, cause);
  }
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success)
    throw wrong(`it is not a report: ${parsed.error.issues.map((i) => `${i.path.join('.') || 'the whole'}: ${i.message}`).join('; ')}`);
  const report = parsed.data;
  if (BOARDS.get(report.board)?.dataset !== board.dataset)
    throw wrong(`board: it is about ${report.board}, whose data are not those of ${board.id}`);
  if (report.model.sha256 !== model.sha256) {
    const why = model.cut.length
      ? `, since ${model.cut[0]} had to be cut; write the files with --reshard-to DIR and measure them there`
      : '; measure these files, or name the report that was made of them';
    throw wrong(`model.sha256: it is about model ${report.model.sha256}; what is sent is ${model.sha256}${why}`);
  }
  const reasons = inconsistencies(report);
  if (reasons.length) throw wrong(reasons.join('; '));
  return text;
}

async function readText(file: string, wrong: (what: string, cause?: unknown) => Failure): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_UPLOAD) throw new Error(`it is ${size} bytes long; at most ${LARGEST_UPLOAD} can be sent`);
    // Exactly these bytes are sent, so they must be text to the last one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
}

/** The files as they are sent, by their place in a folder. */
export const placesIn = (folder: string, { parts }: ModelToSend): Map<string, Uint8Array> =>
  new Map(parts.map((p) => [path.join(folder, p.path), p.content]));
