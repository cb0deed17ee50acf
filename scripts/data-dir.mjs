/** The data directory: private to its owner, with a secret of its own, and used by one server at a time. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from './processes.mjs';

const isFolder = (folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;

/** Not mkdirSync's own `recursive`, which tries for ever below /proc, where nothing can be made. */
function makeFolder(folder) {
  if (isFolder(folder)) return;
  if (path.dirname(folder) !== folder) makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isFolder(folder)) throw error; // else another process has been faster
  }
}

/**
 * Makes DATA_DIR (`.data` by default).
 * @param {string} root
 * @param {Record<string, string | undefined>} [env]
 * @returns {string} its absolute path
 */
export function prepareDataDir(root, env = process.env) {
  const folder = path.resolve(root, env.DATA_DIR || '.data');
  try {
    makeFolder(folder);
    if (!env.DATA_DIR) chmodSync(folder, 0o700); // the command line may have made it for its data sets
  } catch (error) {
    throw new Refusal(`the data directory ${folder} could not be made (DATA_DIR): ${error.message}`);
  }
  return folder;
}

const needsOwnSecret = (env) => ['DATABASE_URL', 'POSTGRES_URL', 'VERCEL'].find((name) => env[name]);

/**
 * The secret that sessions and seeds are derived from: the environment's, or one generated once into secrets.json. Where
 * several servers share a database they must share the secret, so it has to be named there.
 * @param {string} folder
 * @param {Record<string, string | undefined>} [env]
 * @returns {string}
 */
export function readSecret(folder, env = process.env) {
  if (env.SIMPLEXITY_SECRET) return env.SIMPLEXITY_SECRET;
  const reason = needsOwnSecret(env);
  if (reason)
    throw new Refusal(
      `${reason} is set, so SIMPLEXITY_SECRET must be too: at least 32 random characters, the same for every server of this database`,
    );
  const file = path.join(folder, 'secrets.json');
  if (!existsSync(file)) {
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify({ SIMPLEXITY_SECRET: randomBytes(32).toString('hex') })}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  }
  try {
    const { SIMPLEXITY_SECRET } = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof SIMPLEXITY_SECRET === 'string' && SIMPLEXITY_SECRET.length >= 32) return SIMPLEXITY_SECRET;
  } catch {
    // said below
  }
  throw new Refusal(`${file} is damaged; put back a copy, or remove it (everybody is then signed out)`);
}

/** When a process began, in the kernel's own units; undefined where that cannot be seen. Ids are used again, this is not. */
function beginningOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isServing({ pid, since }) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  const begun = beginningOf(pid);
  return since === undefined || begun === undefined || begun === since;
}

function readHolder(file) {
  try {
    const { pid, port, since } = JSON.parse(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? { pid, port, since } : undefined;
  } catch {
    return undefined; // gone, or not written by us
  }
}

/**
 * Takes the lock of a data directory: the embedded database loses data if two servers open it.
 * @returns {{ release(): void, stale: boolean }} `stale`: a server that held it had been killed
 */
export function lockDataDir(folder, port) {
  const file = path.join(folder, 'lock');
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, port, since: beginningOf(process.pid) }), { mode: 0o600 });
  let stale = false;
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        linkSync(own, file); // appears whole or not at all, and only if there is none
        return { release: () => release(file), stale };
      } catch (error) {
        if (error.code !== 'EEXIST') throw new Refusal(`the data directory ${folder} could not be locked: ${error.message}`);
      }
      const holder = readHolder(file);
      if (holder && isServing(holder)) {
        throw new Refusal(
          `${folder} is in use by the server on port ${holder.port} (process ${holder.pid}); stop it, or set another DATA_DIR and PORT`,
        );
      }
      stale = true;
      takeAway(file, holder);
    }
    throw new Refusal(`the data directory ${folder} could not be locked: others keep taking ${file}`);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes a dead server's lock, unless somebody has replaced it in the meantime. */
function takeAway(file, holder) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (readHolder(aside)?.pid !== holder?.pid) linkSync(aside, file);
  } catch {
    // somebody else was faster; the next attempt sees what is there
  }
  rmSync(aside, { force: true });
}

function release(file) {
  if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
}
