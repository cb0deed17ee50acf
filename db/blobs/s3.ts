/** Blobs in an S3-compatible bucket, by signed requests. */
import { AwsClient } from 'aws4fetch';
import { type Blobs, blobKey, storeFailure } from './blobs';

export interface S3Settings {
  /** https://HOST/BUCKET, without a slash at the end. */
  url: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

export function s3Blobs({ url, ...keys }: S3Settings): Blobs {
  const client = new AwsClient({ ...keys, service: 's3', retries: 3 });
  const ask = async (what: string, method: string, sha256: string, body?: Uint8Array) => {
    const key = blobKey(sha256);
    let response: Response;
    try {
      response = await client.fetch(`${url}/${key}`, { method, ...(body ? { body: body as Uint8Array<ArrayBuffer> } : {}) });
    } catch (error) {
      throw storeFailure(what, error);
    }
    if (!response.ok && response.status !== 404)
      throw storeFailure(what, new Error(`the bucket answered ${response.status} to ${method} ${key}`));
    return response;
  };
  const has = async (sha256: string) => (await ask('looked up', 'HEAD', sha256)).ok;
  return {
    has,
    async put(sha256, bytes) {
      if (await has(sha256)) return;
      const response = await ask('stored', 'PUT', sha256, bytes);
      if (!response.ok) throw storeFailure('stored', new Error(`there is no bucket at ${url}`));
    },
    async get(sha256) {
      const response = await ask('read', 'GET', sha256);
      if (!response.ok) return undefined;
      const body = await response.arrayBuffer().catch((error) => {
        throw storeFailure('read', error);
      });
      return new Uint8Array(body);
    },
    async delete(sha256) {
      await ask('removed', 'DELETE', sha256);
    },
  };
}
