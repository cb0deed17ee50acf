/** A process of its own that fetches one file: node fetching-process.ts URL MD5 FOLDER. Says on stdout what goes on. */
import { download } from '../data/download';

const [url, md5, folder] = process.argv.slice(2);
await download({ path: 'set.tgz', url, md5 }, folder, 'nothing is here', {
  log: (line) => process.stdout.write(`${line}\n`),
  patience: { tries: 3, delayMs: 10, idleMs: 60_000 },
});
