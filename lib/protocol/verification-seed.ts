/**
 * The seed of a verified run: the first 32 bits, big-endian, of HMAC-SHA256(secret, board ‖ model sha256 ‖ protocol)
 * (contract §3). Nobody can foresee it without the secret, everybody who verifies the same gets the same.
 */
export async function verificationSeed(secret: string, board: string, modelSha256: string, protocol: string): Promise<number> {
  const text = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', text.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const mac = await crypto.subtle.sign('HMAC', key, text.encode(`${board}${modelSha256}${protocol}`));
  return new DataView(mac).getUint32(0);
}
