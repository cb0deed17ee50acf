/** What stands between @vercel/postgres and a database at Vercel, here for tests: a WebSocket whose bytes go to one TCP address. */
import { connect } from 'node:net';
import { neonConfig } from '@neondatabase/serverless';
import { WebSocket, WebSocketServer } from 'ws';

export async function proxyFor(url: string): Promise<{ close(): Promise<void> }> {
  const { port } = new URL(url);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    const database = connect(Number(port), '127.0.0.1');
    database.on('data', (bytes) => socket.readyState === WebSocket.OPEN && socket.send(bytes));
    database.on('close', () => socket.close());
    database.on('error', () => socket.terminate());
    socket.on('message', (bytes) => database.write(bytes as Buffer));
    socket.on('close', () => database.destroy());
    socket.on('error', () => database.destroy());
  });
  const address = server.address() as { port: number };
  neonConfig.webSocketConstructor = WebSocket;
  neonConfig.wsProxy = () => `127.0.0.1:${address.port}/v1`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineTLS = false;
  neonConfig.pipelineConnect = false;
  return {
    close: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => resolve());
      }),
  };
}
