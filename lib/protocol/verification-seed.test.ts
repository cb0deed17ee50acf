import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { verificationSeed } from './verification-seed';

const MODEL = 'ab'.repeat(32);

it('is the first four bytes of the HMAC over board, model and protocol, big-endian', async () => {
  const mac = createHmac('sha256', 'a secret').update(`glyphs/linf${MODEL}1`).digest();
  expect(await verificationSeed('a secret', 'glyphs/linf', MODEL, '1')).toBe(mac.readUInt32BE(0));
});

it('is another for another secret, board or model', async () => {
  const seeds = await Promise.all([
    verificationSeed('a secret', 'glyphs/linf', MODEL, '1'),
    verificationSeed('another secret', 'glyphs/linf', MODEL, '1'),
    verificationSeed('a secret', 'fashion-mnist/linf', MODEL, '1'),
    verificationSeed('a secret', 'glyphs/linf', 'cd'.repeat(32), '1'),
  ]);
  expect(new Set(seeds).size).toBe(4);
});
