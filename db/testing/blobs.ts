/** Blobs in memory, for tests of what is built on them. */
import { type Blobs, blobKey } from '../blobs/blobs';

export function memoryBlobs(): Blobs & { contents: Map<string, Uint8Array> } {
  const contents = new Map<string, Uint8Array>();
  return {
    contents,
    put: async (sha256, bytes) => void contents.set(blobKey(sha256), bytes.slice()),
    has: async (sha256) => contents.has(blobKey(sha256)),
    get: async (sha256) => contents.get(blobKey(sha256)) as Uint8Array<ArrayBuffer> | undefined,
    delete: async (sha256) => void contents.delete(blobKey(sha256)),
  };
}
