/** A dump as one file: a folder with each table as JSON lines and as Parquet, as .tar.gz. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { pack } from 'tar-stream';
import type { Db } from '../client';
import { parquetOf } from './parquet';
import { DUMPED, jsonLines } from './tables';

const README = `Everything public of a Simplexity site on one day, a table twice: as JSON lines and as Parquet. Times are UTC.
Data: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/. The weights of models have licences of their own (versions.jsonl).
The report of a run is at /api/v1/runs/ID/report; its SHA-256 is reportSha256. Bitmaps are base64, bit i = image i held.
`;

export interface Packed {
  /** YYYY-MM-DD, UTC, by the database's clock. */
  day: string;
  bytes: Uint8Array;
  /** Rows by table. */
  rows: Record<string, number>;
}

/** All tables as they are at one moment. */
export async function packDump(db: Db): Promise<Packed> {
  const tar = pack();
  const pieces: Buffer[] = [];
  tar.on('data', (piece) => pieces.push(piece as Buffer));
  const ended = new Promise<void>((resolve, reject) => tar.on('end', resolve).on('error', reject));
  const rows: Record<string, number> = {};
  const day = await db.transaction(
    async (transaction) => {
      const tx = transaction as unknown as Db;
      const [{ today }] = (await tx
        .select({ today: sql<string>`to_char(now() at time zone 'utc', 'YYYY-MM-DD')` })
        .from(sql`(select 1) as one`)) as [{ today: string }];
      const mtime = new Date(`${today}T00:00:00Z`);
      const add = (name: string, content: Buffer | string) => tar.entry({ name: `simplexity-${today}/${name}`, mtime }, content);
      add('README.txt', README);
      for (const table of DUMPED) {
        const { text, rows: count } = await jsonLines(tx, table);
        add(`${table}.jsonl`, text);
        const lines = text.toString().split('\n').filter(Boolean);
        add(`${table}.parquet`, Buffer.from(parquetOf(lines.map((line) => JSON.parse(line)))));
        rows[table] = count;
      }
      return today;
    },
    { isolationLevel: 'repeatable read' },
  );
  tar.finalize();
  await ended;
  return { day, bytes: new Uint8Array(await promisify(gzip)(Buffer.concat(pieces))), rows };
}
