/** The arguments of `hunt`, read once and checked; a wrong one is named with what would be right. The token is never repeated. */
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { Options, wrong } from '../options';
import { siteAddress, siteToken } from '../site-arguments';

const BACKENDS = ['auto', 'webgpu', 'wasm', 'cpu'] as const;

export interface HuntArguments {
  /** Where the site is, without a slash at the end. */
  server: string;
  token: string;
  model: string;
  board: Board;
  /** Instead of one model, every row of the site in turn, until it is stopped; `board` then narrows it where it was named. */
  all: boolean;
  boards: Board[];
  /** At most so many images; all that still stand by default. */
  images?: number;
  rounds: number;
  steps: number;
  seed: number;
  batch: number;
  backend: (typeof BACKENDS)[number];
  workers?: number;
  /** Keeps the files in this folder instead of sending them. */
  out?: string;
  quiet: boolean;
}

export const HUNT_HELP = `Hunts witnesses: attacks the images that a board still calls robust, and sends what it breaks.

  npm run -s hunt -- --server URL --token T --model SLUG --board B [options]
  npm run -s hunt -- --server URL --token T --all [options]

  --server URL      the site, such as https://example.org; http:// only for this machine, unless --insecure
  --token T         an API token of an account, named as the finder (default: SIMPLEXITY_TOKEN, which other users of this
                    machine do not see); not needed with --out
  --model SLUG      the model, as in its address; its newest public version
  --board B         ${[...BOARDS.keys()].slice(0, 3).join(', ')}, …
  --all             a volunteer's: every model of the site in turn (of the board that --board names), each time from another
                    seed, at most 200 of its images (--images), what is found sent at once, until Ctrl-C
  --images N        at most so many images, from a place that the seed chooses (default: all that still stand)
  --rounds N        attacks with a start of their own, on the margin and on cross-entropy in turns (default 4)
  --steps N         steps of an attack (default 40)
  --seed N          0 to 4294967295 (default 1); the same seed finds the same
  --batch N         images at once (default 50); does not change any outcome
  --backend NAME    auto, webgpu, wasm, cpu (default auto)
  --workers N       worker threads for wasm and cpu (default: all cores)
  --out DIR         writes the witness files there and sends nothing
  --quiet           only the outcome
  --insecure        allow http:// to other machines: whoever listens on the way reads the token
  --help

What is found is sent in the end; Ctrl-C ends the hunt and sends what was found until then.
Exit codes: 0 done, 1 something went wrong, 2 arguments, 4 the site or its data could not be had, 5 the computation failed.
`;

const TEXTS = ['server', 'token', 'model', 'board', 'images', 'rounds', 'steps', 'seed', 'batch', 'backend', 'workers', 'out'] as const;

/** Returns 'help' where help was asked for. */
export function readHuntArguments(argv: string[], env: Record<string, string | undefined>): HuntArguments | 'help' {
  const options = Options.read(argv, { texts: TEXTS, flags: ['quiet', 'insecure', 'all'] });
  if (options === 'help') return 'help';
  const server = siteAddress(options.text('server'), options.flag('insecure'));
  const out = options.text('out');
  const token = siteToken(options.text('token'), env, { needed: out === undefined });
  const [all, named] = [options.flag('all'), options.text('model')];
  if (all && named !== undefined) throw wrong('--all takes every model in turn: leave out --model');
  if (all && out !== undefined) throw wrong('--all sends what it finds: leave out --out');
  const model = named ?? '';
  if (!all && !/^[a-z0-9-]+$/.test(model)) throw wrong(`--model must be a model's name in its address, got ${named ?? 'nothing'}`);
  const boards = all && options.text('board') === undefined ? [...BOARDS.values()] : [options.board('board')];
  const [board] = boards;
  const backend = options.oneOf('backend', BACKENDS, 'auto');
  const [images, workers] = [options.whole('images', 1, 100_000, all ? 200 : undefined), options.whole('workers', 1, 256, undefined)];
  return {
    ...{ server, token: token ?? '', model, board, all, boards, backend },
    ...(images === undefined ? {} : { images }),
    ...(workers === undefined ? {} : { workers }),
    ...(out === undefined ? {} : { out }),
    ...{ rounds: options.whole('rounds', 1, 1000, 4), steps: options.whole('steps', 1, 10_000, 40) },
    ...{ seed: options.whole('seed', 0, 0xffffffff, 1), batch: options.whole('batch', 1, 1000, 50), quiet: options.flag('quiet') },
  };
}
