/** `npm run -s verify`: a runner's signature under a report, checked offline. */
import { readFile } from 'node:fs/promises';
import { Failure } from '../../lib/failure';
import { sha256Hex } from '../../lib/model/bundle';
import { readModel } from '../../lib/model/preflight';
import { type Attestation, attestationSchema, verifyAttestation } from '../../lib/protocol/attestation';
import { reportSchema } from '../../lib/protocol/report';
import { readModelFiles } from '../node/model-files';
import { writeOut } from './outputs';
import { runCommand } from './run-command';
import { readVerifyArguments, VERIFY_HELP, type VerifyArguments } from './verify-arguments';

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Failure('data-unavailable', `${file} could not be read: ${(cause as Error).message}`, { cause });
  }
}

function jsonOf(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Failure('data-damaged', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function attestationIn(value: unknown, file: string): Attestation {
  const read = attestationSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Failure('data-damaged', `${file}: ${issue.path.join('.') || 'the whole'}: ${issue.message}; expected the schema attestation/1`);
}

/** Why it does not hold; undefined if it does. Signature first: nothing of the report is read before. */
async function refusalOf(args: VerifyArguments, report: Uint8Array, attestation: Attestation): Promise<string | undefined> {
  const { signature, runner, reportSha256 } = attestation;
  if (args.key !== undefined && !Buffer.from(args.key, 'base64').equals(Buffer.from(runner.publicKey, 'base64')))
    return `the attestation names another key than --key: ${runner.publicKey}`;
  const digest = await sha256Hex(report);
  if (digest !== reportSha256) return `the report's SHA-256 is ${digest}; ${reportSha256} was signed`;
  if (!(await verifyAttestation(report, Buffer.from(signature, 'base64'), Buffer.from(runner.publicKey, 'base64'))))
    return 'the signature does not hold for these bytes under the runner’s key';
  return undefined;
}

async function run(args: VerifyArguments): Promise<string> {
  const [bytes, sidecar] = await Promise.all([bytesOf(args.report), bytesOf(args.attestation)]);
  const attestation = attestationIn(jsonOf(sidecar, args.attestation), args.attestation);
  const refusal = await refusalOf(args, bytes, attestation);
  if (refusal) throw new Failure('does-not-hold', refusal);
  const read = reportSchema.safeParse(jsonOf(bytes, args.report));
  if (!read.success) throw new Failure('data-damaged', `${args.report} is signed, but it is no report: ${read.error.issues[0].message}`);
  const { model, board, protocol, seed } = read.data;
  if (args.model !== undefined) {
    const given = await readModel(await readModelFiles(args.model));
    if (!given.ok) throw new Failure('model-refused', given.reasons.join('\n'));
    if (given.value.sha256 !== model.sha256)
      throw new Failure('does-not-hold', `the report is of the model ${model.sha256}, not of ${given.value.sha256}`);
  }
  const { runner, revokedAt, revokedReason } = attestation;
  const owner = runner.local ? 'a site’s own runner' : runner.owner ? `owner ${runner.owner}` : 'owner gone';
  return [
    `the signature holds: “${runner.name}” (${owner}) signed this report`,
    `key    ${runner.publicKey}`,
    `model  ${model.sha256}`,
    `board  ${board}, protocol ${protocol}, seed ${seed}`,
    ...(revokedAt === null ? [] : [`but the site revoked it on ${revokedAt}: ${revokedReason}`]),
    '',
  ].join('\n');
}

void runCommand(async () => {
  const args = readVerifyArguments(process.argv.slice(2));
  await writeOut(args === 'help' ? VERIFY_HELP : await run(args));
});
