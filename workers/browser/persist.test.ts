import { expect, it } from 'vitest';
import { persistenceNote } from './persist';

const GIB = 2 ** 30;

function storage({ persisted = false, granted = false, left = 100 * GIB }) {
  const asked: string[] = [];
  const manager = {
    persisted: async () => persisted,
    persist: async () => {
      asked.push('persist');
      return granted;
    },
    estimate: async () => ({ quota: left + GIB, usage: GIB }),
  } as unknown as StorageManager;
  return { asked, manager };
}

it('a browser is asked to keep the run, and its yes goes without saying', async () => {
  const { asked, manager } = storage({ granted: true, left: GIB });
  expect(await persistenceNote(manager)).toBeUndefined();
  expect(asked).toEqual(['persist']);
});

it('one that keeps everything already is not asked', async () => {
  const { asked, manager } = storage({ persisted: true, left: GIB });
  expect(await persistenceNote(manager)).toBeUndefined();
  expect(asked).toEqual([]);
});

it('a no is said where space is short, and only there', async () => {
  expect(await persistenceNote(storage({ left: GIB }).manager)).toMatch(/^Space is short here, and this browser does not promise/);
  expect(await persistenceNote(storage({}).manager)).toBeUndefined();
});

it('a browser that cannot be asked, or fails, keeps what it can', async () => {
  expect(await persistenceNote(undefined)).toBeUndefined();
  const failing = { persisted: () => Promise.reject(new TypeError('no')), persist: async () => true } as unknown as StorageManager;
  expect(await persistenceNote(failing)).toBeUndefined();
});
