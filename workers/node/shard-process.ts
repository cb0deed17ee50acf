/**
 * A process that measures: it drives the GPU, whose device Dawn opens once in the life of a process. It ends when the process
 * that started it lets go of it, however that happened, and leaves Ctrl-C to that one.
 */
import { acceptNamedDriver } from '../../lib/engine/node-host';
import { openShard, type ShardData, type ShardRequest } from './shard';

if (!process.send) throw new Error('shard-process.ts runs as a child process');
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
/** Whether it still goes anywhere is seen by the exit of this process. */
const say = (message: object) => void process.send?.(message, () => undefined);

acceptNamedDriver(process.env);
let answer: Promise<(request: ShardRequest) => void> | undefined;
process.on('message', async (message: ShardData | ShardRequest) => {
  if ('job' in message) (await answer)?.(message);
  else answer = openShard(message, say);
});
say({ type: 'listening' });
