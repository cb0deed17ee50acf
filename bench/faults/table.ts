/** The rows as Markdown, and as the page docs/faults.md. */
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Row } from './row';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function markdown(rows: readonly Row[]): string {
  const lines = rows.map(({ fault, injected, happened, counted, wrong }) =>
    [fault, injected, happened, counted, wrong.length ? `no: ${wrong.join('; ')}` : 'yes'].map(cell).join(' | '),
  );
  const head = ['fault | how, and how often | what happened | counted, before → after | holds', '--- | --- | --- | --- | ---'];
  return `${[...head, ...lines].map((line) => `| ${line} |`).join('\n')}\n`;
}

const PAGE = path.resolve(import.meta.dirname, '../../docs/faults.md');

export async function write(rows: readonly Row[], { kills, seed }: { kills: number; seed: number }): Promise<void> {
  const machine = `${os.type()}, ${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} threads, Node ${process.versions.node}`;
  const text = `# Faults

What the queue, runners and witnesses survive, each fault played for real: PostgreSQL, the site's API over HTTP, runners and
the network between them are processes and connections that were killed, cut, started again or lied. Nothing may be lost, nothing
counted twice, and no score moved by a liar. The table is made by a command, which ends with 1 where a row does not hold:

\`\`\`
npm run -s faults -- --write
npm run -s faults -- --help
\`\`\`

Made on ${new Date().toISOString().slice(0, 10)}: ${machine}; ${kills} kills, seed ${seed}.

${markdown(rows)}`;
  await writeFile(PAGE, text);
}
