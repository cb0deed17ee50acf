import { describe, expect, it } from 'vitest';
import { readRunnerArguments } from './arguments';

const read = (args: string[], env = {}) => readRunnerArguments(['--server', 'https://example.org/', '--token', 'sx_1', ...args], env);

describe('the arguments of a runner', () => {
  it('are few, and the rest has defaults', () => {
    expect(read([])).toEqual({
      ...{ server: 'https://example.org', token: 'sx_1', backend: 'auto', once: false, quiet: false, dataDir: '.data' },
      ...{ softwareGpu: false, allowRoot: false },
      name: expect.any(String),
    });
  });

  it('may come from the environment where they are secret or shared', () => {
    const args = readRunnerArguments(['--server', 'http://localhost:3000'], {
      SIMPLEXITY_TOKEN: 'sx_2',
      DATA_DIR: '/data',
      CHROMIUM_PATH: '/c',
    });
    expect(args).toMatchObject({ token: 'sx_2', dataDir: '/data', browser: '/c' });
  });

  it('can ask for help alone', () => expect(readRunnerArguments(['--help'], {})).toBe('help'));

  it.each<[string[], string]>([
    [['--backend', 'cuda'], '--backend must be one of auto, webgpu, wasm, got cuda'],
    [['--workers', '0'], '--workers must be a whole number from 1 to 256, got 0'],
    [['--workers', '257'], '--workers must be a whole number from 1 to 256, got 257'],
    [['--name', 'x'.repeat(81)], '--name is 81 characters long; at most 80 are shown'],
    [['--server', 'http://example.org'], 'is not encrypted'],
    [['--server', 'example.org'], '--server must be an address'],
    [['--token', 'two words'], '--token must be one word of visible characters'],
    [['--software-gpu'], '--software-gpu goes with --backend webgpu'],
    [['--ones'], "Unknown option '--ones'"],
  ])('%o are refused', (args, message) => {
    expect(() => read(args)).toThrow(message);
  });

  it.each([
    [[], '--server is missing'],
    [['--server', 'https://example.org'], '--token is missing'],
  ])('%o lack something', (args, message) => expect(() => readRunnerArguments(args, {})).toThrow(message));
});
