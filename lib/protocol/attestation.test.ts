import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyAttestation, verifyEd25519 } from './attestation';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

/** RFC 8032 §7.1: secret key, public key, message, signature. */
const VECTORS: Record<string, [string, string, string, string]> = {
  'TEST 1': [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  'TEST 2': [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  'TEST 3': [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
  'TEST SHA(abc)': [
    '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  ],
};
/** DER of a PKCS #8 Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const PKCS8 = '302e020100300506032b657004220420';

describe('Ed25519', () => {
  it.each(Object.entries(VECTORS))('signs and verifies as RFC 8032 says: %s', async (_, [secret, publicKey, message, signature]) => {
    const key = createPrivateKey({ key: Buffer.from(PKCS8 + secret, 'hex'), format: 'der', type: 'pkcs8' });
    expect(createPublicKey(key).export({ format: 'jwk' }).x).toBe(Buffer.from(publicKey, 'hex').toString('base64url'));
    expect(sign(null, hex(message), key).toString('hex')).toBe(signature);
    expect(await verifyEd25519(hex(message), hex(signature), hex(publicKey))).toBe(true);
    const turned = hex(signature);
    turned[40] ^= 1;
    expect(await verifyEd25519(hex(message), turned, hex(publicKey))).toBe(false);
    expect(await verifyEd25519(hex(`${message}00`), hex(signature), hex(publicKey))).toBe(false);
  });
});

describe('an attestation', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = (key: typeof publicKey) => new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x as string, 'base64url'));
  const report = new TextEncoder().encode('{"schema":"report/1","board":"glyphs/linf"}');
  const signature = new Uint8Array(sign(null, createHash('sha256').update(report).digest(), privateKey));

  it('holds for the exact bytes, the key and the signature', async () => {
    expect(await verifyAttestation(report, signature, raw(publicKey))).toBe(true);
  });

  it.each<[string, () => [Uint8Array, Uint8Array, Uint8Array]]>([
    ['one more space', () => [new TextEncoder().encode('{"schema":"report/1", "board":"glyphs/linf"}'), signature, raw(publicKey)]],
    ['another key', () => [report, signature, raw(generateKeyPairSync('ed25519').publicKey)]],
    ['no signature', () => [report, new Uint8Array(0), raw(publicKey)]],
    ['a signature that is too long', () => [report, new Uint8Array([...signature, 0]), raw(publicKey)]],
    ['a key that is too short', () => [report, signature, raw(publicKey).subarray(1)]],
    ['a key that is no point', () => [report, signature, new Uint8Array(32).fill(255)]],
    ['S + L in place of S', () => [report, plusOrder(signature), raw(publicKey)]],
    ['the report itself signed, not its digest', () => [report, new Uint8Array(sign(null, report, privateKey)), raw(publicKey)]],
  ])('does not hold for %s', async (_, parts) => {
    expect(await verifyAttestation(...parts())).toBe(false);
  });
});

/** Another signature of the same value (RFC 8032 §5.1.7 forbids it): S grows by the group's order. */
function plusOrder(signature: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const out = signature.slice();
  let s = [...signature.subarray(32)].reduceRight((n, byte) => (n << 8n) | BigInt(byte), 0n) + order;
  for (let i = 32; i < 64; i++, s >>= 8n) out[i] = Number(s & 255n);
  return out;
}
