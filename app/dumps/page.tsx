import type { Metadata } from 'next';
import { connection } from 'next/server';
import { allDumps } from '@/db/dump/dumps';
import { database } from '../_server/database';
import { bytes } from '../_ui/format';
import { LICENCE } from '../_ui/licence';
import { ListTable } from '../_ui/list-table';
import { link } from '../signin/controls';

export const metadata: Metadata = { title: 'Dumps', description: 'Everything public of this site, day by day, to download.' };

export default async function DumpsPage() {
  await connection();
  const dumps = await allDumps(await database());
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Dumps</h1>
      <p className="mt-2 mb-6 max-w-3xl text-muted">
        Everything public of this site: models, versions, standings, runs, witnesses and events, each table as JSON lines and as Parquet, in
        one .tar.gz. Reports are had by their run. The data are{' '}
        <a href={LICENCE.url} rel="license" className={link}>
          {LICENCE.name}
        </a>
        ; the weights of models have licences of their own.
      </p>
      {dumps.length === 0 ? (
        <p>There is no dump yet. One is made each day by the upkeep of the site, where a clock asks for it.</p>
      ) : (
        <ListTable
          label="Dumps"
          heads={['Day', 'Size', 'Rows', 'SHA-256']}
          rows={dumps.map(({ day, bytes: size, rows, sha256 }) => ({
            key: day,
            cells: [
              <a key="day" href={`/api/v1/dumps/${day}`} className={link} download>
                {day}
              </a>,
              bytes(size),
              Object.values(rows).reduce((a, b) => a + b, 0),
              <span key="hash" className="font-mono text-xs break-all">
                {sha256}
              </span>,
            ],
          }))}
        />
      )}
    </>
  );
}
