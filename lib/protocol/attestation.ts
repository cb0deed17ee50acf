/**
 * A runner's signature under a report (contract §7): Ed25519 (RFC 8032) over the 32-byte SHA-256 of the exact bytes that were
 * sent. Checked with WebCrypto, so a visitor's browser, a server and a terminal check it with the same code.
 */
import { z } from 'zod';

/** A text that is safe to print: a file from anywhere may be shown in a terminal. */
const line = z
  .string()
  .max(1000)
  .refine((text) => !/\p{Cc}/u.test(text), 'control characters are not allowed');

/** What travels beside a report's bytes, so that anybody can check who measured it, without the site. */
export const attestationSchema = z.object({
  schema: z.literal('attestation/1'),
  run: z.uuid(),
  /** SHA-256 of the report's exact bytes, hexadecimal. */
  reportSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Base64 of the 64 bytes of an Ed25519 signature over those 32. */
  signature: z.base64(),
  runner: z.object({
    name: line,
    /** Base64 of the 32 raw bytes of its key. */
    publicKey: z.base64(),
    /** Null where it is the site's own, or the account was deleted. */
    owner: line.nullable(),
    /** The site's own. */
    local: z.boolean(),
  }),
  /** Null while it counts. */
  revokedAt: z.iso.datetime().nullable(),
  revokedReason: line.nullable(),
});
export type Attestation = z.infer<typeof attestationSchema>;

/** Bytes of a raw public key. */
const KEY_BYTES = 32;
/** Bytes of a signature: R, then S. */
const SIGNATURE_BYTES = 64;

const own = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;

/** What a runner signs: the SHA-256 of the report's bytes, 32 bytes. */
export async function attestedDigest(report: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', own(report)));
}

/**
 * Whether a signature over a message holds; `publicKey` is raw. What has not the right length, or is no point of the curve,
 * does not hold. Throws where this engine has no Ed25519, which says nothing about the signature.
 */
export async function verifyEd25519(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== KEY_BYTES) return false;
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify']);
  } catch (error) {
    if ((error as Error).name === 'NotSupportedError') throw error;
    return false;
  }
  return crypto.subtle.verify('Ed25519', key, own(signature), own(message));
}

/** Whether the owner of a raw public key has signed exactly these bytes of a report. */
export async function verifyAttestation(report: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  return verifyEd25519(await attestedDigest(report), signature, publicKey);
}
