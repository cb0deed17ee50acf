/** `npm run -s paper`: gathers trainings and their evaluations into the file that the page /paper draws. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../lib/failure';
import { nameOf, type PaperRun, paperRun, paperRunsSchema } from '../../lib/paper/run';
import { Options } from '../options';
import { prepareToWrite, writeOut, writeTogether } from './outputs';
import { runCommand } from './run-command';

const HELP = `Gathers the runs of the reproduction (/paper) into one file; JSON on stdout.

  npm run -s paper -- --runs DIR [--out FILE [--add]]

  --runs DIR    folder with one folder for each run, which holds model.json (of train --measure) and report.json
                (of evaluate --layers, on the same board)
  --out FILE    write to FILE, not to stdout (public/paper/runs.json is what the page draws)
  --add         keep the runs that FILE holds already, but for those that DIR has anew (same board, network, images, mode and seed)
  --help

Exit codes: 0 done, 2 arguments, or a run that lacks something.
`;

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Failure('arguments', `--runs: ${file} could not be read: ${(cause as Error).message}`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure('arguments', `--runs: ${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Six digits are more than a plot shows or a seed repeats. */
const short = (_: string, value: unknown) => (typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value);

async function gather(folder: string): Promise<PaperRun[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new Failure('arguments', `--runs ${folder} could not be read: ${(cause as Error).message}`, { cause });
  });
  const names = entries.flatMap((e) => (e.isDirectory() ? [e.name] : [])).sort();
  if (names.length === 0) throw new Failure('arguments', `--runs ${folder} holds no folder: one for each run is expected in it`);
  const runs: PaperRun[] = [];
  for (const name of names) {
    const model = (await readJson(path.join(folder, name, 'model.json'))) as { userDefinedMetadata?: unknown } | null;
    const run = paperRun(model?.userDefinedMetadata, await readJson(path.join(folder, name, 'report.json')));
    if (!run.ok) throw new Failure('arguments', run.reasons.map((reason) => `--runs: ${name}: ${reason}`).join('\n'));
    runs.push(run.value);
  }
  return runs;
}

async function keptRuns(file: string): Promise<PaperRun[]> {
  const kept = paperRunsSchema.safeParse(await readJson(file));
  if (!kept.success) throw new Failure('arguments', `--add: ${file} must hold runs as this command writes them`);
  return kept.data.runs;
}

void runCommand(async () => {
  const options = Options.read(process.argv.slice(2), { texts: ['runs', 'out'], flags: ['add'] });
  if (options === 'help') return writeOut(HELP);
  const out = options.text('out');
  if (options.flag('add') && !out) throw new Failure('arguments', '--add needs --out, the file whose runs are kept');
  if (out) await prepareToWrite(out);
  const found = await gather(options.needed('runs', 'a folder with one folder for each run'));
  const anew = new Set(found.map(nameOf));
  const kept = options.flag('add') && out ? (await keptRuns(out)).filter((run) => !anew.has(nameOf(run))) : [];
  const runs = [...kept, ...found].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const text = `{"runs":[\n${runs.map((run) => JSON.stringify(run, short)).join(',\n')}\n]}\n`;
  if (out) await writeTogether(new Map([[out, text]]));
  else await writeOut(text);
});
