/**
 * `npm run -s faults`: every fault that the queue, runners and witnesses must survive, played for real against processes of its
 * own on this machine, and what was counted before and after. Exit code 1 where a row does not hold.
 */
import { parseArgs } from 'node:util';
import { FAULTS } from './faults';
import type { Row } from './row';
import { publishSubject, type Subject } from './subject';
import { markdown, write } from './table';
import { World } from './world';

const HELP = `npm run -s faults [-- options]
Plays each fault for real (PostgreSQL, the site's API, runners: processes of its own on 127.0.0.1) and prints a row for each.

  --only NAMES   with commas: ${Object.keys(FAULTS).join(', ')}
  --kills N      how often a runner is killed (default 50)
  --seed N       of the random points (default: another each time, printed)
  --write        put each row into docs/faults.md, in the place of the one that is there

Exit codes: 0 all hold, 1 one does not, 2 arguments, or no PostgreSQL on this machine.
`;

const say = (line: string) => void process.stderr.write(`${line}\n`);

function readArguments() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { only: text, kills: text, seed: text, write: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const names = values.only?.split(',') ?? Object.keys(FAULTS);
  const unknown = names.find((name) => !(name in FAULTS));
  if (unknown !== undefined) throw new Error(`--only: there is no fault ${unknown}; expected ${Object.keys(FAULTS).join(', ')}`);
  const whole = (name: 'kills' | 'seed', otherwise: number) => {
    const value = Number(values[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
      throw new Error(`--${name}: expected a whole number, got ${values[name]}`);
    return value;
  };
  const { help = false, write: toFile = false } = values;
  return { help, toFile, names, kills: whole('kills', 50), seed: whole('seed', Math.floor(Math.random() * 2 ** 32)) };
}

async function play(args: ReturnType<typeof readArguments>): Promise<Row[]> {
  const world = await World.open();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void world.close().finally(() => process.exit(130)));
  const rows: Row[] = [];
  let published: Promise<Subject> | undefined;
  const subject = () => (published ??= publishSubject(world));
  try {
    for (const name of args.names) {
      const began = performance.now();
      say(`${name} …`);
      const row = await FAULTS[name](world, { subject, kills: args.kills, seed: args.seed, say }).catch((error: Error) => ({
        ...{ fault: name, injected: '', happened: 'it could not be played to its end', counted: '', wrong: [`${error.stack}`] },
      }));
      rows.push(row);
      if (args.toFile && row.injected) await write(row);
      say(
        `${name}: ${row.wrong.length ? `does not hold\n  ${row.wrong.join('\n  ')}` : 'holds'}, ${((performance.now() - began) / 1000).toFixed(0)} s`,
      );
    }
  } finally {
    await world.close();
  }
  return rows;
}

async function main(): Promise<number> {
  let args: ReturnType<typeof readArguments>;
  try {
    args = readArguments();
  } catch (error) {
    say((error as Error).message);
    return 2;
  }
  if (args.help) {
    process.stdout.write(HELP);
    return 0;
  }
  say(`seed ${args.seed}`);
  const rows = await play(args);
  process.stdout.write(markdown(rows));
  return rows.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    say(error.message);
    process.exit(2);
  },
);
