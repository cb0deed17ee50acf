import { describe, expect, it } from 'vitest';
import { chooseDatabase } from './env';

const [PG, VERCEL] = ['postgres://a', 'postgres://b'];

describe('the database is chosen', () => {
  it.each<[string, Record<string, string>, object]>([
    ['PGlite where nothing is set', {}, { driver: 'pglite', folder: 'here' }],
    ['PostgreSQL by DATABASE_URL', { DATABASE_URL: PG }, { driver: 'pg', url: PG }],
    ['Vercel’s by POSTGRES_URL', { POSTGRES_URL: VERCEL }, { driver: 'vercel', url: VERCEL }],
    ['DATABASE_URL before POSTGRES_URL', { DATABASE_URL: PG, POSTGRES_URL: VERCEL }, { driver: 'pg', url: PG }],
    [
      'what DB_DRIVER says, before either',
      { DB_DRIVER: 'vercel', DATABASE_URL: PG, POSTGRES_URL: VERCEL },
      { driver: 'vercel', url: VERCEL },
    ],
    ['PGlite by DB_DRIVER, whatever else is set', { DB_DRIVER: 'pglite', DATABASE_URL: PG }, { driver: 'pglite', folder: 'here' }],
    ['an empty variable is none', { DB_DRIVER: '', DATABASE_URL: '', POSTGRES_URL: '' }, { driver: 'pglite', folder: 'here' }],
  ])('%s', (_, env, choice) => {
    expect(chooseDatabase(env, 'here')).toEqual(choice);
  });

  it.each<[Record<string, string>, string]>([
    [{ DB_DRIVER: 'mysql', DATABASE_URL: PG }, 'DB_DRIVER is mysql; expected pglite, pg or vercel'],
    [{ DB_DRIVER: 'pg', POSTGRES_URL: VERCEL }, 'DB_DRIVER is pg, so DATABASE_URL must be set'],
    [{ DB_DRIVER: 'vercel', DATABASE_URL: PG }, 'DB_DRIVER is vercel, so POSTGRES_URL must be set'],
  ])('%o is refused', (env, sentence) => {
    expect(() => chooseDatabase(env, 'here')).toThrow(sentence);
  });
});
