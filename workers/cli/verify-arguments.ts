/** The arguments of `verify`, read once and checked; a wrong one is named with what would be right. */
import { Options, wrong } from '../options';

export interface VerifyArguments {
  report: string;
  attestation: string;
  /** Base64 of 32 bytes: the key that has to have signed. Absent: the one that the attestation names. */
  key?: string;
  model?: string;
}

export const VERIFY_HELP = `Checks, without any site, that a runner signed exactly these bytes of a report; what was found is on stdout.

  curl -o report.json      https://example.org/api/v1/runs/RUN/report
  curl -o attestation.json https://example.org/api/v1/runs/RUN/attestation
  npm run -s verify -- --report report.json --attestation attestation.json [options]

  --report FILE        the report, byte for byte as the site gave it
  --attestation FILE   the signature and the key
  --key BASE64         the runner's key as you know it from elsewhere; else the attestation's own is believed
  --model PATH         also check that the report is of this model: its folder, or the model.json itself
  --help

Exit codes: 0 it holds, 1 it does not, 2 arguments, 4 a file is missing or is not what it should be.
`;

/** Returns 'help' where help was asked for. */
export function readVerifyArguments(argv: string[]): VerifyArguments | 'help' {
  const options = Options.read(argv, { texts: ['report', 'attestation', 'key', 'model'] });
  if (options === 'help') return 'help';
  const report = options.needed('report', 'the file with the report’s bytes');
  const attestation = options.needed('attestation', 'the file with the signature and the key');
  const [key, model] = [options.text('key'), options.text('model')];
  if (key !== undefined && Buffer.from(key, 'base64').length !== 32) throw wrong('--key must be base64 of the 32 bytes of an Ed25519 key');
  return { report, attestation, ...(key === undefined ? {} : { key }), ...(model === undefined ? {} : { model }) };
}
