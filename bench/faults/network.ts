/** The network between runners and site, on loopback: TCP passed on byte by byte, which can be listened to, cut and stalled. */
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

export class Network {
  /** Called with `METHOD path` of each request, before it is passed on. */
  heard: (request: string) => unknown = () => undefined;
  /** Requests like this are passed on, and their answers lost with the connection, so often. */
  losing: { what: RegExp; times: number } = { what: /^$/, times: 0 };
  private state: 'open' | 'cut' | 'stalled' = 'open';
  private readonly pairs = new Set<[Socket, Socket]>();
  private server?: Server;

  /** Listens on a port of its own; returns its address. */
  async listen(toPort: number): Promise<string> {
    this.server = createServer((near) => this.join(near, dial({ host: '127.0.0.1', port: toPort })));
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  /** Ends every connection, also those to come. */
  cut(): void {
    this.state = 'cut';
    for (const [near, far] of this.pairs) for (const socket of [near, far]) socket.destroy();
  }

  /** Nothing arrives any more, and nobody is told. */
  stall(): void {
    this.state = 'stalled';
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  mend(): void {
    this.state = 'open';
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private join(near: Socket, far: Socket): void {
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    let deaf = false;
    const end = () => {
      this.pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    near.on('data', (bytes: Buffer) => {
      const [, request] = /^([A-Z]+ \S+) HTTP\/1/.exec(bytes.toString('latin1', 0, 500)) ?? [];
      if (request) {
        deaf = this.losing.times > 0 && this.losing.what.test(request);
        if (deaf) this.losing.times--;
        this.heard(request);
      }
      if (!near.destroyed) far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => (deaf ? end() : void near.write(bytes)));
    for (const socket of pair) socket.on('close', end).on('error', end);
    if (this.state === 'cut') end();
    if (this.state === 'stalled') for (const socket of pair) socket.pause();
  }
}
