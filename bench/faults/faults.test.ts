/** The command itself, with the rows that need seconds: so that it is there when somebody wants the whole table. */
import { expect, it, vi } from 'vitest';
import { startCommand } from '../../workers/testing/command';

vi.setConfig({ testTimeout: 240_000 });

const faults = (...args: string[]) => startCommand('main', args, '', { folder: 'bench/faults' }).ended;

it('plays lying runners against a real site and counts what they could change: nothing', async ({ skip }) => {
  const { code, stdout, stderr } = await faults('--only', 'lying-runners,approved-liar', '--seed', '1');
  skip(code === 2 && /PostgreSQL/.test(stderr), stderr);
  expect(code, stderr).toBe(0);
  const [head, , ...rows] = stdout.trim().split('\n');
  expect(head).toBe('| fault | how, and how often | what happened | counted, before → after | holds |');
  expect(rows.map((row) => row.split(' | ').at(-1))).toEqual(['yes |', 'yes |']);
  expect(rows[0]).toContain('standings unmoved');
});

it('names what it cannot play, before anything is started', async () => {
  expect(await faults('--only', 'earthquake')).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no fault earthquake') });
  expect(await faults('--kills', 'many')).toMatchObject({ code: 2, stderr: expect.stringContaining('expected a whole number') });
});
