import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runToEnd } from './processes.mjs';

const node = (script: string, options = {}) =>
  runToEnd(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'pipe'], ...options });

it('gives the exit code and what was written, on both outputs', async () => {
  expect(await node('console.log("a"); console.error("b"); process.exit(3)')).toEqual({
    code: 3,
    output: expect.stringMatching(/^(a\nb\n|b\na\n)$/),
    timedOut: false,
  });
});

it('a program that is not there is a code too', async () => {
  expect(await runToEnd('/no/such/program', [], { stdio: ['ignore', 'pipe', 'pipe'] })).toMatchObject({
    code: 127,
    output: expect.stringMatching(/ENOENT/),
  });
});

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(process.platform === 'win32')('past its time limit', () => {
  it('it is ended with everything that it has started', async () => {
    const script = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGINT", () => {}); setInterval(() => {}, 1000); console.log("up")'], { stdio: 'inherit' });
      console.log('grandchild ' + child.pid); setInterval(() => {}, 1000);`;
    const { code, output, timedOut } = await node(script, { limitMs: 700 });
    expect({ code, timedOut }).toEqual({ code: 130, timedOut: true });
    const pid = Number(/grandchild (\d+)/.exec(output)?.[1]);
    expect(pid).toBeGreaterThan(0);
    for (let wait = 0; wait < 50 && isRunning(pid); wait++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isRunning(pid)).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('a signal to the script', () => {
  it('reaches the program once, and its code is handed on', async () => {
    const inner = `let heard = 0; process.on('SIGTERM', () => heard++); setTimeout(() => { console.log('heard ' + heard); process.exit(7); }, 900); console.log('up');`;
    const outer = `import(${JSON.stringify(new URL('./processes.mjs', import.meta.url).href)}).then(async ({ runToEnd }) => {
      const { code } = await runToEnd(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: ['ignore', 'inherit', 'inherit'] });
      process.exit(code);
    });`;
    const child = spawn(process.execPath, ['-e', outer], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (text.includes('up')) child.kill('SIGTERM');
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, output }).toEqual({ code: 7, output: 'up\nheard 1\n' });
  });
});
