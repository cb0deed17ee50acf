/**
 * Preloaded by a test (NODE_OPTIONS): in the process that drives the GPU its device is lost, as a driver's fault would take it,
 * when LOSE_GPU_AFTER units were answered; LOSE_GPU_FOLDER counts how often, up to LOSE_GPU_TIMES. `exit` in LOSE_GPU_HOW: the
 * whole process goes, as by a fault in the driver's own code.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const { LOSE_GPU_AFTER, LOSE_GPU_FOLDER, LOSE_GPU_TIMES, LOSE_GPU_HOW } = process.env;

if (process.argv[1]?.endsWith('shard-process.ts') && process.send && LOSE_GPU_FOLDER) {
  const lost = readdirSync(LOSE_GPU_FOLDER).length;
  const { globals } = await import('webgpu');
  const { requestDevice } = globals.GPUAdapter.prototype;
  let device;
  globals.GPUAdapter.prototype.requestDevice = async function (...args) {
    device = await requestDevice.apply(this, args);
    return device;
  };
  let answered = 0;
  const send = process.send.bind(process);
  process.send = (message, ...rest) => {
    if (message.type === 'result' && ++answered === Number(LOSE_GPU_AFTER) && lost < Number(LOSE_GPU_TIMES)) {
      writeFileSync(path.join(LOSE_GPU_FOLDER, String(lost)), '');
      if (LOSE_GPU_HOW === 'exit') process.kill(process.pid, 'SIGKILL');
      device.destroy();
    }
    return send(message, ...rest);
  };
}
