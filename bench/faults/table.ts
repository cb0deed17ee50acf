/** The rows as Markdown, and as the page docs/faults.md. */
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Row } from './row';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;

const HEAD = [
  line(['fault', 'how, and how often', 'what happened', 'counted, before → after', 'holds']),
  '| --- | --- | --- | --- | --- |',
];

/** `day`: when it was played, for a page whose rows were not all played at once. */
const lineOf = ({ fault, injected, happened, counted, wrong }: Row, day = '') =>
  line([fault, injected, happened, counted, `${wrong.length ? `no: ${wrong.join('; ')}` : 'yes'}${day && `, ${day}`}`]);

export const markdown = (rows: readonly Row[]): string => `${[...HEAD, ...rows.map((row) => lineOf(row))].join('\n')}\n`;

const PAGE = path.resolve(import.meta.dirname, '../../docs/faults.md');

/** Lines of the page's table by their fault. */
async function written(): Promise<Map<string, string>> {
  const text = await readFile(PAGE, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((l) => l.startsWith('| ') && !HEAD.includes(l));
  return new Map(lines.map((l) => [l.slice(2, l.indexOf(' | ')), l]));
}

/** Puts a row into the page, in the place of the one of the same fault, if there is one. */
export async function write(row: Row): Promise<void> {
  const lines = await written();
  lines.set(cell(row.fault), lineOf(row, new Date().toISOString().slice(0, 10)));
  const machine = `${os.type()}, ${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} threads, Node ${process.versions.node}`;
  const text = `# Faults

What the queue, runners and witnesses survive, each fault played for real: PostgreSQL, the site's API over HTTP, runners and
the network between them are processes and connections that are killed, cut, started again, or lie. Nothing may be lost, nothing
counted twice, and no score moved by a liar. A command plays them, ends with 1 where a row does not hold, and writes this page:

\`\`\`
npm run -s faults -- --write
npm run -s faults -- --help
\`\`\`

The jobs are the queue's own, of full size (10 000 test and 10 000 training images of \`glyphs/linf\`), on a model small enough for
half a minute. Of most jobs a part was measured before and lies on the runner's disk, as an earlier start leaves it. “The right bits”
are those that \`npm run -s evaluate\` measures with the same seed, undisturbed: every bitmap, loss and collapse value is equal.
Standings are compared by their state, numbers and per-image bits.

Played last on: ${machine}.

${[...HEAD, ...lines.values()].join('\n')}
`;
  await writeFile(PAGE, text);
}
