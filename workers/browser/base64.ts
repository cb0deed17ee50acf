/** Base64 in the browser: its own where it has one, else by characters. */
import type { Base64 } from '../wire';

type Native = { toBase64?(): string };
const native = Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> };

/** Arguments that one call may have. */
const PIECE = 8192;

export const browserBase64: Base64 = {
  encode(bytes) {
    const own = (bytes as Native).toBase64?.();
    if (own !== undefined) return own;
    const pieces: string[] = [];
    for (let at = 0; at < bytes.length; at += PIECE) pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
    return btoa(pieces.join(''));
  },
  decode(text) {
    if (native.fromBase64) return native.fromBase64(text);
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  },
};
