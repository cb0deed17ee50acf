/** Which store of blobs, from the environment. */
import path from 'node:path';
import type { Blobs } from './blobs';
import { folderBlobs } from './folder';

interface Settings extends Record<string, string | undefined> {
  S3_URL?: string;
  S3_ACCESS_KEY_ID?: string;
  S3_SECRET_ACCESS_KEY?: string;
  S3_REGION?: string;
  BLOB_READ_WRITE_TOKEN?: string;
}

/** `S3_URL` → an S3-compatible bucket; else `BLOB_READ_WRITE_TOKEN` → Vercel Blob; else a folder in the data directory. */
export async function chooseBlobs(env: Settings, dataDirectory: string): Promise<Blobs> {
  if (env.S3_URL) {
    if (!env.S3_ACCESS_KEY_ID || !env.S3_SECRET_ACCESS_KEY)
      throw new Error('S3_URL is set, so S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set too');
    const { s3Blobs } = await import('./s3');
    return s3Blobs({
      url: env.S3_URL.replace(/\/+$/, ''),
      accessKeyId: env.S3_ACCESS_KEY_ID,
      secretAccessKey: env.S3_SECRET_ACCESS_KEY,
      region: env.S3_REGION || 'us-east-1',
    });
  }
  if (env.BLOB_READ_WRITE_TOKEN) {
    const { vercelBlobs } = await import('./vercel');
    return vercelBlobs(env.BLOB_READ_WRITE_TOKEN);
  }
  return folderBlobs(path.join(dataDirectory, 'blobs'));
}
