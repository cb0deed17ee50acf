import { expect } from 'vitest';
import type { Blobs } from '../blobs/blobs';
import type { Db } from '../client';
import { memoryBlobs } from '../testing/blobs';
import { onEachDatabase } from '../testing/databases';
import { anAccount } from '../testing/rows';
import { removeLooseBlobs } from './loose-blobs';
import { beginSubmission, discard, type NewSubmission, recordArrival } from './submissions';

const hash = (digit: string) => digit.repeat(64);

/** A submission of these files, all of them sent. */
async function sent(db: Db, blobs: Blobs, accountId: string, sha256: string, files: string[], name = 'A net') {
  const submission: NewSubmission = {
    ...{ accountId, name, board: 'fashion-mnist/linf', sha256, description: '', recipe: 'ST', licence: 'MIT' },
    ...{ extraData: null, epsilonTrained: null, paperUrl: null, codeUrl: null },
    files: files.map((file, i) => ({ path: i ? `${i}.bin` : 'model.json', sha256: file, bytes: 3 })),
  };
  const begun = await beginSubmission(db, submission);
  if (!begun.ok) throw new Error(begun.message);
  for (const file of files) {
    await blobs.put(file, new Uint8Array(3));
    await recordArrival(db, begun.value.versionId, file);
  }
  return begun.value.versionId;
}

onEachDatabase('bytes that nobody names any more', ({ test }) => {
  test('go with the last submission that named them', async (db) => {
    const blobs = memoryBlobs();
    const account = await anAccount(db);
    const first = await sent(db, blobs, account, hash('1'), [hash('a'), hash('b')]);
    const second = await sent(db, blobs, account, hash('2'), [hash('c'), hash('b')], 'Another');
    await discard(db, first);
    expect(await removeLooseBlobs(db, blobs)).toBe(1);
    expect([await blobs.has(hash('a')), await blobs.has(hash('b'))]).toEqual([false, true]);
    await discard(db, second);
    expect(await removeLooseBlobs(db, blobs)).toBe(2);
    expect(blobs.contents.size).toBe(0);
    expect(await removeLooseBlobs(db, blobs)).toBe(0);
  });

  test('go when the same model is sent as other files', async (db) => {
    const blobs = memoryBlobs();
    const account = await anAccount(db);
    await sent(db, blobs, account, hash('1'), [hash('a'), hash('b')]);
    await sent(db, blobs, account, hash('1'), [hash('a'), hash('c')]);
    expect(await removeLooseBlobs(db, blobs)).toBe(1);
    expect([await blobs.has(hash('a')), await blobs.has(hash('b')), await blobs.has(hash('c'))]).toEqual([true, false, true]);
  });

  test('stay marked while the store is away', async (db) => {
    const blobs = memoryBlobs();
    const version = await sent(db, blobs, await anAccount(db), hash('1'), [hash('a')]);
    await discard(db, version);
    const away: Blobs = { ...blobs, delete: () => Promise.reject(new Error('no connection')) };
    expect(await removeLooseBlobs(db, away)).toBe(0);
    expect(await blobs.has(hash('a'))).toBe(true);
    expect(await removeLooseBlobs(db, blobs)).toBe(1);
    expect(await blobs.has(hash('a'))).toBe(false);
  });
});
