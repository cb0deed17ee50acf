/** The board's queries on PostgreSQL with 100 000 runs of 10 000 versions: p95 over every sort, page and filter. */
import { sql } from 'drizzle-orm';
import { openDatabase } from '../db/client';
import { migrateServer } from '../db/migrate';
import { BOARD_SORTS, type BoardQuery, type BoardSort, boardPoints, boardRows } from '../db/queries/board';
import { boardTiers } from '../db/queries/tiers';
import { startPostgres } from '../db/testing/postgres';

const VERSIONS = 10_000;
const RUNS = 100_000;
const ROUNDS = 12;
/** As many marks as the page's scatter shows. */
const POINTS = 500;

export async function boardBench(): Promise<void> {
  console.log(`\nboard query, PostgreSQL, ${RUNS} runs of ${VERSIONS} versions on 4 boards`);
  const { server, absent } = await startPostgres();
  if (!server) {
    console.log(`  not run: ${absent}`);
    return;
  }
  const opened = await openDatabase({ driver: 'pg', url: server.url });
  try {
    await migrateServer(server.url);
    const { db } = opened;
    await db.execute(sql`insert into models (slug, name)
      select 'm-' || i, 'model ' || i from generate_series(1, ${VERSIONS}::int) i`);
    await db.execute(sql`insert into versions (model_id, number, sha256, board, state, bytes, params, macs, classes, recipe, licence, extra_data)
      select id, 1, md5(slug) || md5(slug || 'x'), 'fashion-mnist/linf', 'public', 400000, 1000 * (1 + hashtext(slug)::bigint % 999 + 1000), 1000000, 10,
        (array['ST', 'AT', 'TRADES', 'other'])[1 + abs(hashtext(slug)::bigint) % 4], 'MIT', case when hashtext(slug)::bigint % 5 = 0 then 'more' end from models`);
    await db.execute(sql`insert into runs (version_id, board, protocol, level, kind, "full", samples, train_samples, seed, environment, report, report_sha256, started_at, duration_ms)
      select v.id, (array['fashion-mnist/linf', 'fashion-mnist/l2', 'cifar-10/linf', 'cifar-10/l2'])[1 + r % 4], '1', 'pgd', 'claim', true, 10000, 10000, 1,
        '{}', repeat(md5(v.id::text || r), 300), md5(v.id::text || r) || md5(r::text), now(), 1
      from versions v, generate_series(1, ${RUNS / VERSIONS}::int) r`);
    await db.execute(sql`insert into standings (version_id, board, protocol, listed, state, rankings, run_id, basis, "full", samples, train_samples, clean, pgd10, pgd, robust, robust_low, robust_high, nc1, nc2, nc3, nc4, collapse, flags, pgd_bits, robust_bits, measured_at)
      select distinct on (r.version_id, r.board) r.version_id, r.board, '1', true, case when hashtext(r.version_id::text) % 20 = 0 then 'verified' else 'self-reported' end,
        case when hashtext(r.version_id::text) % 20 = 0 then '["pgd"]'::jsonb else '[]'::jsonb end, r.id, '[]', true, 10000, 10000,
        0.9, random() * 0.7, random() * 0.7, random() * 0.7, 0.1, 0.2, random() * 50, random(), random(), random(), random() * 100, '[]',
        decode(repeat(md5(r.id::text), 79), 'hex'), decode(repeat(md5(r.id::text), 79), 'hex'), now()
      from runs r order by r.version_id, r.board, r.id`);
    await db.execute(sql`analyze`);
    const times: number[] = [];
    const points: number[] = [];
    const timed = async (query: BoardQuery) => {
      const began = performance.now();
      const page = await boardRows(db, query);
      times.push(performance.now() - began);
      return page;
    };
    const base = { board: 'fashion-mnist/linf', protocol: '1', limit: 100 };
    const coldTiers = performance.now();
    const tiers = await boardTiers(db, base.board, '1', 'pgd');
    const cold = performance.now() - coldTiers;
    const warm: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const sort of Object.keys(BOARD_SORTS) as BoardSort[]) {
        const first = await timed({ ...base, sort });
        if (first.next) await timed({ ...base, sort, cursor: first.next });
        const began = performance.now();
        await boardPoints(db, { ...base, sort, limit: POINTS }, 'collapse', sort);
        points.push(performance.now() - began);
      }
      await timed({ ...base, sort: 'robust', search: '77' });
      await timed({ ...base, sort: 'nc1', recipes: ['AT'], states: ['verified'], extraData: false });
      const began = performance.now();
      await boardTiers(db, base.board, '1', 'pgd');
      warm.push(performance.now() - began);
    }
    const at = (list: number[], q: number) =>
      [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))].toFixed(1);
    console.log(`  ${times.length} queries of 100 rows: median ${at(times, 0.5)} ms, p95 ${at(times, 0.95)} ms (goal 50)`);
    console.log(`  ${points.length} scatters of ${POINTS} marks: median ${at(points, 0.5)} ms, p95 ${at(points, 0.95)} ms`);
    console.log(`  tiers of ${tiers.size} ranked rows: ${cold.toFixed(0)} ms after a change, then median ${at(warm, 0.5)} ms`);
  } finally {
    await opened.close();
    await server.remove();
  }
}
