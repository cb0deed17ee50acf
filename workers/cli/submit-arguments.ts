/** The arguments of `submit`, read once and checked; a wrong one is named with what would be right. The token is never repeated. */
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { Options, wrong } from '../options';
import { siteAddress, siteToken } from '../site-arguments';

const RECIPES = ['ST', 'AT', 'TRADES', 'other'] as const;

export interface SubmitArguments {
  /** Where the site is, without a slash at the end; empty where nothing is sent. */
  server: string;
  token: string;
  model: string;
  board: Board;
  /** As POST /submissions takes it. */
  description: {
    name?: string;
    model?: string;
    description: string;
    recipe: (typeof RECIPES)[number];
    extraData: string | null;
    epsilonTrained: number | null;
    paperUrl: string | null;
    codeUrl: string | null;
    licence: string;
  };
  report?: string;
  reshardTo?: string;
  publish: boolean;
  dryRun: boolean;
  json: boolean;
}

export const SUBMIT_HELP = `Sends a model to a site: its files one by one, checked by the server, a draft unless --publish. The address of its page is on stdout.

  npm run -s submit -- --server URL --token T --model DIR --board ${[...BOARDS.keys()][0]} --name NAME --recipe AT --licence MIT [options]

  --server URL             the site, such as https://example.org; http:// only for this machine, unless --insecure
  --token T                an API token from your account page (default: SIMPLEXITY_TOKEN, which other users of this machine do not see)
  --model PATH             folder with model.json and its weight files, or the model.json itself
  --board ID               ${[...BOARDS.keys()].join(', ')}
  --name NAME              as the board shows it; not needed with --next-version-of
  --recipe R               ${RECIPES.join(', ')}: how it was trained
  --licence ID             SPDX identifier: MIT, CC-BY-4.0, …, or LicenseRef-proprietary
  --description TEXT
  --extra-data TEXT        data beyond the board's training split
  --epsilon-trained E      radius of adversarial training in pixel units of [0, 1]: 0.1 or 8/255
  --paper URL
  --code URL
  --next-version-of SLUG   an own model that this is the next version of
  --publish                show it on the board at once
  --report FILE            a report of \`npm run evaluate\` on these files, sent along as a claim
  --reshard-to DIR         send nothing; write the files as they would be sent (large ones are cut), to be measured there
  --dry-run                send nothing; check the model and say what would be sent
  --json                   the result as JSON on stdout
  --insecure               allow http:// to other machines: whoever listens on the way reads the token
  --help

It may be interrupted anywhere: run again, it sends only what is missing.
Exit codes: 0 done, 2 arguments, 3 model refused, 4 the site refused or could not be reached, 130 stopped.
`;

const TEXTS = [
  ...(['server', 'token', 'model', 'board', 'name', 'recipe', 'licence', 'description', 'extra-data', 'epsilon-trained'] as const),
  ...(['paper', 'code', 'next-version-of', 'report', 'reshard-to'] as const),
];

/** Returns 'help' where help was asked for. */
export function readSubmitArguments(argv: string[], env: Record<string, string | undefined>): SubmitArguments | 'help' {
  const options = Options.read(argv, { texts: TEXTS, flags: ['publish', 'dry-run', 'json', 'insecure'] });
  if (options === 'help') return 'help';
  const text = (name: (typeof TEXTS)[number]) => options.text(name);
  const sendsNothing = options.flag('dry-run') || text('reshard-to') !== undefined;
  const server = sendsNothing && !text('server') ? '' : siteAddress(text('server'), options.flag('insecure'));
  const token = siteToken(text('token'), env, { needed: !sendsNothing });
  const model = options.needed('model', 'a folder with model.json');
  const board = options.board('board');
  const recipe = options.oneOf('recipe', RECIPES);
  const next = text('next-version-of');
  return {
    server,
    token: token ?? '',
    model,
    board,
    description: {
      ...(next && text('name') === undefined ? {} : { name: options.needed('name', 'as the board is to show it') }),
      ...(next ? { model: next } : {}),
      description: text('description') ?? '',
      recipe,
      extraData: text('extra-data') ?? null,
      epsilonTrained: radius(text('epsilon-trained')),
      paperUrl: webAddress('paper', text('paper')),
      codeUrl: webAddress('code', text('code')),
      licence: options.needed('licence', 'an SPDX identifier such as MIT or CC-BY-4.0'),
    },
    ...(text('report') ? { report: text('report') } : {}),
    ...(text('reshard-to') ? { reshardTo: text('reshard-to') } : {}),
    publish: options.flag('publish'),
    dryRun: options.flag('dry-run'),
    json: options.flag('json'),
  };
}

const parsed = (text: string) => (URL.canParse(text) ? new URL(text) : undefined);

function webAddress(name: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!/^https?:$/.test(parsed(text)?.protocol ?? ''))
    throw wrong(`--${name} must be an address that begins with https:// or http://, got ${text}`);
  return text;
}

function radius(text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^(\d*\.?\d+)(?:\/(\d*\.?\d+))?$/.exec(text);
  const value = match ? Number(match[1]) / Number(match[2] ?? 1) : Number.NaN;
  if (!(value > 0 && value <= 10))
    throw wrong(`--epsilon-trained must be a positive number or a fraction, such as 0.1 or 8/255, got ${text}`);
  return value;
}
