/** Where a shard runs: a thread of this process, or a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failure } from '../../lib/failure';
import type { ShardData, ShardMessage, ShardRequest } from './shard';

export interface Place {
  /** To be called once, at once. */
  hear(listener: Listener): void;
  post(request: ShardRequest): void;
  /** Ends it at once. */
  end(): Promise<void>;
}

export interface Listener {
  onMessage(message: ShardMessage): void;
  /** It takes no more requests. */
  onGone(reason: Failure): void;
}

export type OpenPlace = (data: ShardData) => Place;

/** A thread does not inherit the loader that lets Node read TypeScript; it registers its own before the first import. */
const BOOTSTRAP = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))})
  .then(({ register }) => { register(); return import(${JSON.stringify(new URL('./shard-thread.ts', import.meta.url).href)}); })`;

export const inThread: OpenPlace = (data) => {
  const worker = new Worker(BOOTSTRAP, { eval: true, workerData: data });
  return {
    hear: ({ onMessage, onGone }) => {
      worker.on('message', onMessage);
      worker.on('error', (error: NodeJS.ErrnoException) => {
        const code = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-memory' : 'computation-failed';
        onGone(new Failure(code, `a worker thread failed: ${error.message}`, { cause: error }));
      });
      worker.on('exit', () => onGone(new Failure('device-lost', 'the worker thread ended before its work was done')));
    },
    post: (request) => worker.postMessage(request),
    end: async () => void (await worker.terminate()),
  };
};

/** What crosses is copied bit for bit (`advanced`: lists of numbers as they are). */
export const inProcess: OpenPlace = (data) => {
  const child = fork(fileURLToPath(new URL('./shard-process.ts', import.meta.url)), [], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  /** What it could not be sent is answered by its end. */
  const send = (message: object) => void child.send(message, () => undefined);
  return {
    hear: ({ onMessage, onGone }) => {
      child.on('message', (message: ShardMessage | { type: 'listening' }) => {
        if (message.type === 'listening') send(data);
        else onMessage(message);
      });
      child.on('error', (cause) =>
        onGone(new Failure('computation-failed', `the process for the GPU failed: ${cause.message}`, { cause })),
      );
      child.on('exit', (code, signal) => {
        onGone(new Failure('device-lost', `the process that drives the GPU ended before its work was done (${signal ?? `code ${code}`})`));
      });
    },
    post: send,
    end: async () => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};
