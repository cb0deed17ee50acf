/** `submit` apart from the process it runs in: arguments in, an exit code out. */
import { Failure } from '../../lib/failure';
import { SiteRefusal } from '../site-api';
import { prepareToWrite, writeTogether } from './outputs';
import { readSubmitArguments, SUBMIT_HELP, type SubmitArguments } from './submit-arguments';
import { type ModelToSend, placesIn, readModelToSend, readReport } from './submit-model';
import { Site, type SiteWorld } from './submit-site';
import { requestOf, type Submitted, submit } from './submit-steps';

export interface CommandWorld extends Omit<SiteWorld, 'log'> {
  env: Record<string, string | undefined>;
  /** What the command is asked for: an address, JSON, help. */
  stdout(text: string): Promise<void>;
  stderr: { write(text: string): unknown; isTTY?: boolean };
}

const EXIT = { done: 0, arguments: 2, 'model-refused': 3, site: 4, stopped: 130 } as const;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const lines = (...list: string[]) => list.map((line) => `${line}\n`).join('');

export async function submitCommand(argv: string[], world: CommandWorld): Promise<number> {
  const { stdout, stderr, signal } = world;
  const clear = stderr.isTTY ? '\r\x1b[K' : '';
  const log = (line: string) => void stderr.write(`${clear}${line}\n`);
  try {
    const args = readSubmitArguments(argv, world.env);
    if (args === 'help') {
      await stdout(SUBMIT_HELP);
      return EXIT.done;
    }
    const model = await readModelToSend(args.model, args.board);
    for (const note of model.notes) log(note);
    if (model.cut.length) log(`${model.cut.join(', ')} cannot be sent in one piece: cut anew, the model's identity is ${model.sha256}`);
    const report = args.report === undefined ? undefined : await readReport(args.report, model, args.board);
    if (args.reshardTo !== undefined) return await writeResharded(args.reshardTo, model, stdout);
    if (args.dryRun) {
      await stdout(describePlan(args, model, report));
      return EXIT.done;
    }
    signal.throwIfAborted();
    const submitted = await submit(args, model, report, {
      site: new Site(args.server, args.token, { ...world, log }),
      newKey: () => crypto.randomUUID(),
      log,
      onSent: (sent, total) => {
        const text = `sent ${sent.files}/${total.files} files, ${megabytes(sent.bytes)} of ${megabytes(total.bytes)}`;
        stderr.write(stderr.isTTY && sent.files < total.files ? `${clear}${text}` : `${clear}${text}\n`);
      },
    });
    if (submitted.submission.state === 'draft') log('it is a draft, which only you see; publish it on its page, or here with --publish');
    await stdout(describeResult(args, model, submitted));
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) {
      stderr.write(`${clear}stopped; what was sent is kept, the same command goes on from there\n`);
      return EXIT.stopped;
    }
    if (error instanceof SiteRefusal) {
      stderr.write(`${clear}${error.message} (${error.code})\n`);
      return error.code === 'model-refused' ? EXIT['model-refused'] : EXIT.site;
    }
    if (!(error instanceof Failure)) throw error;
    stderr.write(`${clear}${error.message}\n`);
    return error.code === 'model-refused' ? EXIT['model-refused'] : EXIT.arguments;
  }
}

async function writeResharded(folder: string, model: ModelToSend, stdout: CommandWorld['stdout']): Promise<number> {
  const files = placesIn(folder, model);
  for (const file of files.keys()) await prepareToWrite(file);
  await writeTogether(files, () => stdout(lines(model.sha256)));
  return EXIT.done;
}

function describePlan(args: SubmitArguments, model: ModelToSend, report: string | undefined): string {
  const request = requestOf(args, model);
  if (args.json)
    return lines(
      JSON.stringify({ dryRun: true, server: args.server || null, request, report: report !== undefined, publish: args.publish }),
    );
  const total = model.parts.reduce((n, p) => n + p.bytes, 0);
  return lines(
    `model ${model.sha256}: ${model.parts.length} files, ${megabytes(total)}, for ${args.board.id}`,
    ...model.parts.map((p) => `${p.sha256}  ${p.path}`),
    `nothing was sent; it would become a ${args.publish ? 'public version' : 'draft'}${report === undefined ? '' : ', with its report as a claim'}`,
  );
}

function describeResult({ server, json }: SubmitArguments, { sha256, cut }: ModelToSend, { submission, run }: Submitted): string {
  const { slug, number, versionId, state } = submission;
  const address = `${server}/models/${slug}`;
  if (!json) return lines(address);
  return lines(
    JSON.stringify({ address, slug, version: number, versionId, state, sha256, resharded: cut.length > 0, ...(run ? { run } : {}) }),
  );
}
