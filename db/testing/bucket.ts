/** A bucket on 127.0.0.1 that checks every request's signature (AWS Signature Version 4, computed here by hand). */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

const KEYS = { accessKeyId: 'AKIATEST', secretAccessKey: 'a secret of the tests', region: 'eu-test-1' };

export type Trouble = number | 'cut' | 'cut-body';

export interface Bucket {
  settings: typeof KEYS & { url: string };
  objects: Map<string, Buffer>;
  /** `METHOD key` of every request so far. */
  asked: string[];
  /** Answers the next requests with a status, closes their connection, or closes it amid the body. */
  trouble(kind: Trouble | undefined): void;
  close(): Promise<void>;
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const hex = (text: string) => createHash('sha256').update(text).digest('hex');

/** Undefined if the signature is right; else what is wrong with it. */
function wrongSignature(request: IncomingMessage): string | undefined {
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-content-sha256': payload = '' } = request.headers as Record<string, string>;
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (!match) return `malformed Authorization: ${authorization}`;
  const [, id, day, region, signed, signature] = match;
  if (id !== KEYS.accessKeyId || region !== KEYS.region || !date.startsWith(day)) return `another credential: ${authorization}`;
  for (const needed of ['host', 'x-amz-date', 'x-amz-content-sha256'])
    if (!signed.split(';').includes(needed)) return `${needed} is not signed`;
  const headers = signed.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, request.url, '', headers.join(''), signed, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = [region, 's3', 'aws4_request'].reduce((k, part) => hmac(k, part), hmac(`AWS4${KEYS.secretAccessKey}`, day));
  const right = hmac(key, ['AWS4-HMAC-SHA256', date, scope, hex(canonical)].join('\n')).toString('hex');
  return right === signature ? undefined : 'the signature does not match';
}

export async function openBucket(): Promise<Bucket> {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  let trouble: Trouble | undefined;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const key = (request.url as string).replace('/bucket/', '');
    asked.push(`${request.method} ${key}`);
    const wrong = wrongSignature(request);
    const found = objects.get(key);
    if (wrong) response.writeHead(403).end(wrong);
    else if (trouble === 'cut') request.socket.destroy();
    else if (trouble === 'cut-body' && request.method === 'GET') {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('half', () => request.socket.destroy());
    } else if (typeof trouble === 'number') response.writeHead(trouble).end();
    else if (request.method === 'PUT') {
      objects.set(key, Buffer.concat(chunks));
      response.writeHead(200).end();
    } else if (request.method === 'DELETE') {
      objects.delete(key);
      response.writeHead(204).end();
    } else response.writeHead(found ? 200 : 404).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    settings: { ...KEYS, url: `http://127.0.0.1:${port}/bucket` },
    objects,
    asked,
    trouble: (kind) => {
      trouble = kind;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
