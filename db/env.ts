/** Which database, from the environment. */
export type DatabaseChoice = { driver: 'pglite'; folder: string } | { driver: 'pg'; url: string } | { driver: 'vercel'; url: string };

interface Settings extends Record<string, string | undefined> {
  DB_DRIVER?: string;
  DATABASE_URL?: string;
  POSTGRES_URL?: string;
}

/**
 * `DB_DRIVER` (pglite, pg, vercel) if it is set; else `DATABASE_URL` → node-postgres; else `POSTGRES_URL` (Vercel's own
 * variable) → @vercel/postgres; else PGlite in `folder`.
 * @throws Error if the driver is unknown or its address is missing
 */
export function chooseDatabase(env: Settings, folder: string): DatabaseChoice {
  const driver = env.DB_DRIVER || (env.DATABASE_URL ? 'pg' : env.POSTGRES_URL ? 'vercel' : 'pglite');
  if (driver === 'pglite') return { driver, folder };
  if (driver !== 'pg' && driver !== 'vercel') throw new Error(`DB_DRIVER is ${driver}; expected pglite, pg or vercel`);
  const name = driver === 'pg' ? 'DATABASE_URL' : 'POSTGRES_URL';
  const url = env[name];
  if (!url) throw new Error(`DB_DRIVER is ${driver}, so ${name} must be set`);
  return { driver, url };
}
