/** Signed reports on their way to the site: on disk before they are sent, and until the site has answered for good. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { verifyAttestation } from '../../lib/protocol/attestation';
import { fromBase64 } from '../../lib/protocol/evidence';

const letterSchema = z.strictObject({
  schema: z.literal('outbox/1'),
  server: z.string(),
  job: z.uuid(),
  runner: z.uuid(),
  publicKey: z.base64(),
  signature: z.base64(),
  /** The exact text that was signed. */
  report: z.string(),
});
export type Letter = z.infer<typeof letterSchema>;

export class Outbox {
  private constructor(
    private readonly folder: string,
    private readonly log: (line: string) => void,
  ) {}

  static async open(folder: string, log: (line: string) => void): Promise<Outbox> {
    await mkdir(folder, { recursive: true });
    return new Outbox(folder, log);
  }

  /** On disk when this resolves, whatever happens to the machine. */
  async put(letter: Omit<Letter, 'schema'>): Promise<void> {
    const file = this.fileOf(letter.job);
    const handle = await open(`${file}.tmp`, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ schema: 'outbox/1', ...letter }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.tmp`, file);
  }

  /** What is still to be sent to a site. A damaged file is put aside and named. */
  async waiting(server: string): Promise<Letter[]> {
    const letters: Letter[] = [];
    for (const name of (await readdir(this.folder)).filter((n) => n.endsWith('.json')).sort()) {
      const file = path.join(this.folder, name);
      const letter = await read(file);
      if (!letter) {
        await rename(file, `${file}.damaged`);
        this.log(`${file} is damaged and cannot be sent; it is now ${name}.damaged`);
      } else if (letter.server === server) letters.push(letter);
    }
    return letters;
  }

  async remove(job: string): Promise<void> {
    await rm(this.fileOf(job), { force: true });
  }

  /** Keeps what the site refused, for a person to look at; returns where. */
  async putAside(job: string): Promise<string> {
    const aside = `${this.fileOf(job)}.refused`;
    await rename(this.fileOf(job), aside);
    return aside;
  }

  private fileOf(job: string): string {
    return path.join(this.folder, `${job}.json`);
  }
}

async function read(file: string): Promise<Letter | undefined> {
  try {
    const letter = letterSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const bytes = new TextEncoder().encode(letter.report);
    return (await verifyAttestation(bytes, fromBase64(letter.signature), fromBase64(letter.publicKey))) ? letter : undefined;
  } catch {
    return undefined;
  }
}
