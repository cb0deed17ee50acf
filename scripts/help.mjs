/** What `npm start`, `npm test`, `npm run dev` and `npm run check` answer to --help, before anything is installed. */

const SITE = {
  HOST: 'address that the site listens on (default 127.0.0.1)',
  PORT: 'port that the site listens on (default 3000)',
  DATA_DIR: 'folder of the database, unpacked data sets and generated secrets (default .data)',
  DATASETS_DIR: 'folder of original data set files (default: fetched from their official addresses)',
  SIMPLEXITY_SECRET: 'what sessions and seeds are derived from (default: made once, kept in DATA_DIR/secrets.json)',
};
const TESTS = {
  CHROMIUM_PATH: 'browser of the tests (default: one that is found, else one that is installed)',
  DATASETS_DIR: 'folder of original data set files (tests that need them are skipped without it)',
};

/** @type {Record<string, { call: string, what: string, reads: Record<string, string> }>} */
const COMMANDS = {
  start: {
    call: 'npm start',
    what: 'Installs and builds what is missing, then runs the site on HOST:PORT until it is stopped (Ctrl-C).',
    reads: SITE,
  },
  dev: {
    call: 'npm run dev',
    what: 'Installs what is missing, then runs the site on HOST:PORT and rebuilds it as its sources change.',
    reads: SITE,
  },
  test: {
    call: 'npm test',
    what: 'Installs and builds what is missing, then runs every check and test; the last line is "N passed, N failed".',
    reads: TESTS,
  },
  check: {
    call: 'npm run check',
    what: 'Installs what is missing, then checks format, lint rules and types; ends with 0 if nothing is wrong.',
    reads: {},
  },
};

/** @param {string} command a key of COMMANDS */
function usage(command) {
  const { call, what, reads } = COMMANDS[command];
  const width = Math.max(...Object.keys(reads).map((name) => name.length));
  const lines = Object.entries(reads).map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}\n`);
  return `${what}\n\n  ${call}\n\n${lines.length ? `Environment variables:\n${lines.join('')}` : 'It reads no environment variables.\n'}`;
}

/**
 * Answers --help if that is among the arguments; says whether it did.
 * @param {string} command
 * @param {string[]} [args]
 */
export function answersHelp(command, args = process.argv.slice(2)) {
  if (!Object.hasOwn(COMMANDS, command) || !args.some((arg) => arg === '--help' || arg === '-h')) return false;
  process.stdout.write(usage(command));
  return true;
}
