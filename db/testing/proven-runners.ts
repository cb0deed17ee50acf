/** For tests of everything else: every runner that registers has measured the reference models just now, so none is due. */
import { sql } from 'drizzle-orm';
import { REFERENCES } from '../../lib/protocol/reference-check';
import type { Db } from '../client';

export async function provenRunners(db: Db): Promise<void> {
  const rows = sql.raw(REFERENCES.map(({ model, board }) => `('${model}', '${board}')`).join(', '));
  await db.execute(sql`
    create or replace function measured_the_references() returns trigger language plpgsql as $$
    begin
      insert into runner_checks (runner_id, model, board, started_at, expires_at, ended_at, outcome)
      select new.id, model, board, now(), now(), now(), 'held' from (values ${rows}) as reference (model, board);
      return new;
    end $$`);
  await db.execute(
    sql`create or replace trigger measured_the_references after insert on runners for each row execute function measured_the_references()`,
  );
}
