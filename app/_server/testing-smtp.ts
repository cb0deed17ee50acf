/** A mail server on 127.0.0.1 that keeps what it is sent (RFC 5321, as much as one letter needs): for tests. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Received {
  to: string;
  /** Headers and text as they came, soft line breaks of quoted-printable undone. */
  raw: string;
}

export interface SmtpServer {
  url: string;
  letters: Received[];
  /** The next one that comes, or has come and was not asked for yet. */
  next(): Promise<Received>;
  close(): Promise<void>;
}

const plain = (raw: string) =>
  raw.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

/** `refuses`: every letter, with 550. */
export async function smtpServer({ refuses = false } = {}): Promise<SmtpServer> {
  const letters: Received[] = [];
  const waiting: ((letter: Received) => void)[] = [];
  const unread: Received[] = [];
  const keep = (letter: Received) => {
    letters.push(letter);
    const reader = waiting.shift();
    if (reader) reader(letter);
    else unread.push(letter);
  };
  const talk = (socket: Socket) => {
    let [pending, to, body] = ['', '', null as string | null];
    const say = (line: string) => socket.write(`${line}\r\n`);
    const hear = (line: string) => {
      if (body !== null) {
        if (line !== '.') {
          body += `${line.replace(/^\.\./, '.')}\r\n`;
          return;
        }
        keep({ to, raw: plain(body) });
        body = null;
        say('250 kept');
      } else if (/^EHLO/i.test(line)) say('250 localhost');
      else if (/^RCPT TO:/i.test(line)) {
        to = /<(.*)>/.exec(line)?.[1] ?? '';
        say(refuses ? '550 nobody here' : '250 known');
      } else if (/^DATA/i.test(line)) {
        body = '';
        say('354 go on');
      } else if (/^QUIT/i.test(line)) {
        say('221 bye');
        socket.end();
      } else say('250 fine');
    };
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const lines = (pending + bytes.toString()).split('\r\n');
      pending = lines.pop() as string;
      for (const line of lines) hear(line);
    });
    say('220 localhost');
  };
  const server = createServer(talk).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    letters,
    next: async () => unread.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
