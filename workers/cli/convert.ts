/** `npm run -s convert`: PyTorch weights of a known network, as a model that can be measured. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../lib/failure';
import { convert } from '../../lib/known/convert';
import { readSafetensors } from '../../lib/known/safetensors';
import { type Checked, LIMITS, sha256Hex } from '../../lib/model/bundle';
import { readModel } from '../../lib/model/preflight';
import { CONVERT_HELP, type ConvertArguments, readConvertArguments } from './convert-arguments';
import { prepareToWrite, writeOut, writeTogether } from './outputs';
import { runCommand } from './run-command';

/** float64 weights of the largest model that is accepted, and room for the header. */
const MOST_BYTES = 2 * LIMITS.weightBytes + LIMITS.jsonBytes;

async function readWeights(file: string): Promise<Uint8Array> {
  try {
    const info = await stat(file);
    if (!info.isFile()) throw new Error('it is not a file');
    if (info.size > MOST_BYTES) throw new Error(`it is ${info.size} bytes long; at most ${MOST_BYTES} are read`);
    return await readFile(file);
  } catch (cause) {
    throw new Failure('data-unavailable', `${file} could not be read: ${(cause as Error).message}`, { cause });
  }
}

function accepted<T>(checked: Checked<T>, code: 'data-damaged' | 'model-refused'): T {
  if (!checked.ok) throw new Failure(code, checked.reasons.join('\n'));
  return checked.value;
}

async function run({ architecture, weights, out, quiet, ...options }: ConvertArguments): Promise<string> {
  const bytes = await readWeights(weights);
  const tensors = accepted(readSafetensors(bytes, path.basename(weights)), 'data-damaged');
  const about = { weightsSha256: await sha256Hex(bytes) };
  const { files, normalization, notes } = accepted(convert(architecture, tensors, { ...options, about }), 'model-refused');
  const model = accepted(await readModel(files), 'model-refused');
  if (!normalization)
    notes.push('the network is given pixels in [0, 1] as they are; if its training code normalised them, give --mean and --std');
  if (!quiet) for (const note of notes) process.stderr.write(`${note}\n`);
  const target = (file: string) => path.join(out, file);
  await prepareToWrite(target('model.json'));
  await writeTogether(new Map([...files].map(([file, content]) => [target(file), content])));
  const made = {
    ...{ arch: architecture.id, input: options.input, classes: options.classes, normalization: normalization ?? null, ...about },
    ...{ sha256: model.sha256, params: model.graph.params, macs: model.macs, feature: model.feature, files: [...files.keys()] },
  };
  return `${JSON.stringify(made, null, 2)}\n`;
}

void runCommand(async () => {
  const args = readConvertArguments(process.argv.slice(2));
  await writeOut(args === 'help' ? CONVERT_HELP : await run(args));
});
