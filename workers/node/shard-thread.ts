/** One worker thread of the terminal's pool. */
import { parentPort, workerData } from 'node:worker_threads';
import { openShard, type ShardData, type ShardRequest } from './shard';

const port = parentPort;
if (!port) throw new Error('shard-thread.ts runs as a worker thread');
const answer = await openShard(workerData as ShardData, (message) => port.postMessage(message));
port.on('message', (request: ShardRequest) => answer(request));
