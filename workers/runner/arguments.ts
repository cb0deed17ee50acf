/** The arguments of `runner`, read once and checked; a wrong one is named with what would be right. The token is never repeated. */
import os from 'node:os';
import { Options, wrong } from '../options';
import { siteAddress, siteToken } from '../site-arguments';

const BACKENDS = ['auto', 'webgpu', 'wasm'] as const;
const LONGEST_NAME = 80;

export interface RunnerArguments {
  /** Where the site is, without a slash at the end. */
  server: string;
  token: string;
  backend: (typeof BACKENDS)[number];
  /** Worker threads for wasm; all cores by default. */
  workers?: number;
  /** Chromium's program. */
  browser?: string;
  /** Takes WebGPU on a software adapter. */
  softwareGpu: boolean;
  allowRoot: boolean;
  once: boolean;
  name: string;
  dataDir: string;
  quiet: boolean;
}

export const RUNNER_HELP = `Measures for a site: leases jobs one at a time, runs them here, and sends each report back signed.

  npm run -s runner -- --server URL --token T [options]

  --server URL      the site, such as https://example.org; http:// only for this machine, unless --insecure
  --token T         an API token of an account that may run runners (default: SIMPLEXITY_TOKEN, which other users of this
                    machine do not see)
  --backend NAME    auto, webgpu, wasm (default auto: webgpu in Chromium on a hardware GPU, else wasm)
  --browser PATH    Chromium or Chrome for webgpu (default: CHROMIUM_PATH, else the system's, else Playwright's)
  --workers N       worker threads for wasm (default: all cores)
  --name NAME       how the site shows this runner (default: the name of this machine)
  --data-dir DIR    where the key, unsent reports and blocks of data sets are kept (default: DATA_DIR, else .data)
  --software-gpu    with --backend webgpu: take a software adapter, right but about a thousand times slower than a GPU
  --allow-root      let root start Chromium, which has no sandbox then
  --once            one job, then end
  --quiet           only warnings and failures
  --insecure        allow http:// to other machines: whoever listens on the way reads the token
  --help

Ctrl-C or SIGTERM hands the job back and ends; a second one ends at once. Started again after a crash it goes on where it was.
Exit codes: 0 done or stopped, 2 arguments or no such device, 4 the site refused this runner or is of another version,
5 the job of --once failed.
`;

/** Returns 'help' where help was asked for. */
export function readRunnerArguments(argv: string[], env: Record<string, string | undefined>): RunnerArguments | 'help' {
  const options = Options.read(argv, {
    texts: ['server', 'token', 'backend', 'workers', 'browser', 'name', 'data-dir'],
    flags: ['once', 'quiet', 'insecure', 'software-gpu', 'allow-root'],
  });
  if (options === 'help') return 'help';
  const server = siteAddress(options.text('server'), options.flag('insecure'));
  const token = siteToken(options.text('token'), env, { needed: true }) as string;
  const backend = options.oneOf('backend', BACKENDS, 'auto');
  if (options.flag('software-gpu') && backend !== 'webgpu') throw wrong('--software-gpu goes with --backend webgpu');
  const browser = options.text('browser') ?? (env.CHROMIUM_PATH || undefined);
  const workers = options.whole('workers', 1, 256, undefined);
  const name = options.text('name') ?? os.hostname().slice(0, LONGEST_NAME);
  if (name.length > LONGEST_NAME) throw wrong(`--name is ${name.length} characters long; at most ${LONGEST_NAME} are shown`);
  return {
    server,
    token,
    backend,
    ...(workers === undefined ? {} : { workers }),
    ...(browser === undefined ? {} : { browser }),
    softwareGpu: options.flag('software-gpu'),
    allowRoot: options.flag('allow-root'),
    once: options.flag('once'),
    name,
    dataDir: options.text('data-dir') ?? (env.DATA_DIR || '.data'),
    quiet: options.flag('quiet'),
  };
}
