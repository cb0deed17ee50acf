/** The runner's Ed25519 key: made at the first start, kept in a file that only its owner reads, never sent. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../../lib/failure';

const keySchema = z.strictObject({ schema: z.literal('runner-key/1'), privateKey: z.base64() });

export interface RunnerKey {
  /** Base64 of the 32 raw bytes. */
  publicKey: string;
  /** Base64 of the signature over the SHA-256 of these bytes (contract §7). */
  attest(report: Uint8Array): string;
}

export async function readOrMakeKey(file: string): Promise<RunnerKey> {
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Failure('arguments', `${file} could not be read: ${error.message}`, { cause: error });
  });
  if (kept === undefined) return makeKey(file);
  await refuseOpenFile(file);
  try {
    const { privateKey } = keySchema.parse(JSON.parse(kept));
    const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`expected an Ed25519 key, got ${key.asymmetricKeyType}`);
    return runnerKey(key);
  } catch (cause) {
    throw new Failure('arguments', `${file} is damaged; put back a copy, or remove it (the runner is then another one)`, { cause });
  }
}

/** Who reads the key can sign in this runner's name. Windows has no such modes. */
async function refuseOpenFile(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && mode & 0o077)
    throw new Failure('arguments', `${file} can be read by other users of this machine; make it private: chmod 600 ${file}`);
}

/** Appears whole or not at all; where another process was faster, its key is taken. */
async function makeKey(file: string): Promise<RunnerKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const text = JSON.stringify({
    schema: 'runner-key/1',
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, `${text}\n`, { mode: 0o600, flush: true });
    await link(temporary, file);
    return runnerKey(privateKey);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return readOrMakeKey(file);
    throw new Failure('arguments', `${file} could not be written: ${(cause as Error).message}`, { cause });
  } finally {
    await rm(temporary, { force: true });
  }
}

function runnerKey(privateKey: KeyObject): RunnerKey {
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x as string, 'base64url');
  return {
    publicKey: raw.toString('base64'),
    attest: (report) => sign(null, createHash('sha256').update(report).digest(), privateKey).toString('base64'),
  };
}
