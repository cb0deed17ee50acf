/** Blobs in Vercel Blob. Their addresses there cannot be guessed by name: every read goes through our own routes. */
import { BlobNotFoundError, del, get, head, put } from '@vercel/blob';
import { type Blobs, blobKey, storeFailure } from './blobs';

export function vercelBlobs(token: string): Blobs {
  // The client's own ten tries would keep a visitor waiting for a quarter of an hour; two more take about three seconds.
  process.env.VERCEL_BLOB_RETRIES ||= '2';
  const has = async (sha256: string) => {
    const key = blobKey(sha256);
    try {
      await head(key, { token });
      return true;
    } catch (error) {
      if (error instanceof BlobNotFoundError) return false;
      throw storeFailure('looked up', error);
    }
  };
  return {
    has,
    async put(sha256, bytes) {
      const key = blobKey(sha256);
      try {
        await put(key, Buffer.from(bytes), { access: 'private', token, addRandomSuffix: false, allowOverwrite: true });
      } catch (error) {
        throw storeFailure('stored', error);
      }
    },
    async get(sha256) {
      const key = blobKey(sha256);
      try {
        const found = await get(key, { access: 'private', token });
        return found?.stream ? new Uint8Array(await new Response(found.stream).arrayBuffer()) : undefined;
      } catch (error) {
        if (error instanceof BlobNotFoundError) return undefined;
        throw storeFailure('read', error);
      }
    },
    async delete(sha256) {
      await del(blobKey(sha256), { token }).catch((error) => {
        throw storeFailure('removed', error);
      });
    },
  };
}
