/** Run by itself: opens the embedded database in a folder, adds an account, says so, and holds it until it is killed. */
import { openDatabase } from '../client';
import { anAccount } from './rows';

const folder = process.argv[2];
openDatabase({ driver: 'pglite', folder }).then(
  async ({ db }) => {
    process.stdout.write(`holds ${await anAccount(db)}\n`);
    setInterval(() => undefined, 1000);
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
