/** A site as runners see it, played over HTTP: one queue in memory, leases that end, every signature checked. */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyAttestation } from '../../lib/protocol/attestation';
import { type Report, reportSchema } from '../../lib/protocol/report';
import { type SpotResult, spotResultSchema } from '../../lib/protocol/spot-result';
import { verdictSchema, type WitnessVerdict } from '../../lib/protocol/witness-verdict';
import { bundledFiles, modelOf } from '../../lib/testing/small-evaluation';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Lease {
  runner: string;
  until: number;
}

export interface PlayedJob {
  id: string;
  body: Record<string, unknown>;
  attempt: number;
  lease?: Lease;
  state: 'queued' | 'done' | 'failed' | 'cancelled';
  result?: { runId: string; report: Report; text: string };
  verdict?: WitnessVerdict;
  spot?: SpotResult;
  failures: { code: string; message: string }[];
  log: string[];
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean | Promise<boolean>;

export const TOKEN = 'sx_a-runner-s-token';

export class PlayedSite {
  readonly jobs: PlayedJob[] = [];
  readonly runners = new Map<string, { id: string; publicKey: string; body: Record<string, unknown> }>();
  /** `METHOD path` of every request that was answered. */
  readonly asked: string[] = [];
  private readonly files = new Map<string, Uint8Array>();
  /** Sees a request first; returns whether it has answered. */
  intercept: Handler = () => false;
  /** Pages, for whoever asks; returns whether it has answered. */
  serve: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  private server?: Server;
  private port = 0;

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens; after `close` again on the same port. */
  async listen(): Promise<void> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection; from now on they are refused. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    this.server?.closeAllConnections();
    await closed;
  }

  /** A job of witnesses, as the site hands it out. */
  async addWitnesses(packed: Uint8Array, name = 'glyphs_st'): Promise<PlayedJob> {
    this.files.set(sha256(packed), packed);
    const job = await this.addJob({ kind: 'witness', witnesses: { sha256: sha256(packed), bytes: packed.length, images: 0 } }, name, 30);
    for (const key of ['level', 'attacks', 'samples', 'trainSamples', 'seed', 'restarts', 'layers']) delete job.body[key];
    return job;
  }

  async addJob(
    changes: Record<string, unknown> = {},
    model: string | Map<string, Uint8Array> = 'glyphs_st',
    leaseSeconds = 3,
  ): Promise<PlayedJob> {
    const content = typeof model === 'string' ? bundledFiles(model) : model;
    const files = [...content].map(([path, bytes]) => ({ path, sha256: sha256(bytes), bytes: bytes.length }));
    for (const bytes of content.values()) this.files.set(sha256(bytes), bytes);
    const body = {
      ...{ kind: 'verification', leaseSeconds, model: { sha256: (await modelOf(content)).sha256, files } },
      ...{ board: 'glyphs/linf', protocol: '1', level: 'pgd', attacks: ['pgd-10', 'pgd-margin', 'targeted', 'gaussian', 'sign'] },
      ...{ samples: 40, trainSamples: 60, seed: 424242, restarts: 1, layers: false, ...changes },
    };
    const job: PlayedJob = { id: randomUUID(), body, attempt: 0, state: 'queued', failures: [], log: [] };
    this.jobs.push(job);
    return job;
  }

  /** Gives a file of a model by its digest. */
  fileOf(digest: string): Uint8Array | undefined {
    return this.files.get(digest);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return; // the other side has gone
    }
    const body = Buffer.concat(parts);
    if (await this.intercept(request, response, body)) return;
    if (this.serve(request, response)) return;
    this.asked.push(`${request.method} ${request.url}`);
    const send = (status: number, json: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    const refuse = (status: number, code: string) => send(status, { error: { code, message: `refused: ${code}` } });
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return refuse(401, 'bad-token');
    const path = (request.url ?? '').replace(/^\/api\/v1/, '');
    if (path === '/runners') return send(201, this.register(JSON.parse(body.toString())));
    const leasing = /^\/runners\/([^/]+)\/lease$/.exec(path);
    if (leasing) return send(200, this.lease(leasing[1]));
    const [, id, what] = /^\/jobs\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const job = this.jobs.find((j) => j.id === id);
    if (!job) return refuse(404, 'unknown-job');
    if (what.startsWith('files/')) {
      const bytes = this.files.get(what.slice('files/'.length));
      if (!bytes) return refuse(404, 'unknown-file');
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
      return;
    }
    if (what === 'result') return this.take(job, request, body, send, refuse);
    const said = JSON.parse(body.toString()) as { runner: string; code: string; message: string; log?: string };
    if (job.state === 'cancelled') return what === 'progress' ? send(200, { cancelled: true }) : refuse(409, 'lease-lost');
    if (!this.holds(job, said.runner)) return refuse(409, 'lease-lost');
    if (what === 'progress') {
      (job.lease as Lease).until = Date.now() + Number(job.body.leaseSeconds) * 1000;
      if (said.log) job.log.push(said.log);
      return send(200, { cancelled: false });
    }
    delete job.lease;
    if (what === 'release') {
      job.attempt--;
      return send(200, {});
    }
    job.failures.push({ code: said.code, message: said.message });
    if (said.code === 'model-refused' || job.attempt >= 3) job.state = 'failed';
    return send(200, { state: job.state, attempt: job.attempt });
  }

  private register(body: Record<string, unknown>) {
    const publicKey = String(body.publicKey);
    const known = this.runners.get(publicKey) ?? { id: randomUUID(), publicKey, body };
    this.runners.set(publicKey, { ...known, body });
    return { id: known.id, approved: true };
  }

  private holds(job: PlayedJob, runner: string): boolean {
    return job.lease?.runner === runner && job.lease.until > Date.now();
  }

  private lease(runner: string) {
    const mine = this.jobs.find((j) => j.state === 'queued' && this.holds(j, runner));
    const job = mine ?? this.jobs.find((j) => j.state === 'queued' && !(j.lease && j.lease.until > Date.now()));
    if (!job) return { job: null, retryAfterSeconds: 0.5 };
    if (!mine) job.attempt++;
    job.lease = { runner, until: Date.now() + Number(job.body.leaseSeconds) * 1000 };
    return { job: { id: job.id, attempt: job.attempt, ...job.body } };
  }

  private async take(
    job: PlayedJob,
    { headers }: IncomingMessage,
    body: Buffer,
    send: (status: number, json: unknown) => void,
    refuse: (status: number, code: string) => void,
  ): Promise<void> {
    const runner = [...this.runners.values()].find((r) => r.id === headers['x-runner']);
    const signature = Buffer.from(String(headers['x-signature']), 'base64');
    const key = Buffer.from(runner?.publicKey ?? '', 'base64');
    if (!(await verifyAttestation(new Uint8Array(body), new Uint8Array(signature), new Uint8Array(key))))
      return refuse(422, 'bad-signature');
    const text = body.toString();
    if (job.result) return job.result.text === text ? send(201, { runId: job.result.runId, state: 'verified' }) : refuse(409, 'lease-lost');
    if (job.state !== 'queued' || !runner || !this.holds(job, runner.id)) return refuse(409, 'lease-lost');
    job.state = 'done';
    if (job.body.kind === 'spot') {
      job.spot = spotResultSchema.parse(JSON.parse(text));
      return send(201, { state: 'passed' });
    }
    if (job.body.kind === 'witness') {
      job.verdict = verdictSchema.parse(JSON.parse(text));
      return send(201, { broken: 1, first: 1, ambiguous: 0, held: 0 });
    }
    job.result = { runId: randomUUID(), report: reportSchema.parse(JSON.parse(text)), text };
    send(201, { runId: job.result.runId, state: 'verified' });
  }
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean, limitMs = 30_000): Promise<void> {
  const began = Date.now();
  while (!holds()) {
    if (Date.now() - began > limitMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
