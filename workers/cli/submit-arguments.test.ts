import { describe, expect, it } from 'vitest';
import { BOARDS } from '../../lib/protocol/boards';
import { readSubmitArguments, SUBMIT_HELP, type SubmitArguments } from './submit-arguments';

const described = ['--model', 'm', '--board', 'fashion-mnist/linf', '--name', 'My net', '--recipe', 'AT', '--licence', 'MIT'];
const needed = ['--server', 'https://example.org', '--token', 'sx_secret', ...described];
const read = (argv: string[], env = {}) => readSubmitArguments(argv, env) as SubmitArguments;

it('has the published defaults: a draft, without what was not said', () => {
  expect(read(needed)).toEqual({
    server: 'https://example.org',
    token: 'sx_secret',
    model: 'm',
    board: BOARDS.get('fashion-mnist/linf'),
    description: {
      name: 'My net',
      description: '',
      recipe: 'AT',
      extraData: null,
      epsilonTrained: null,
      paperUrl: null,
      codeUrl: null,
      licence: 'MIT',
    },
    publish: false,
    dryRun: false,
    json: false,
  });
});

it('takes every option', () => {
  const more = [
    '--description',
    'd',
    '--extra-data',
    '80M-TI',
    '--epsilon-trained',
    '8/255',
    '--paper',
    'https://a.example/p',
    '--code',
    'http://b.example',
  ];
  const rest = ['--next-version-of', 'my-net', '--publish', '--report', 'r.json', '--reshard-to', 'out', '--dry-run', '--json'];
  expect(read([...needed, ...more, ...rest])).toMatchObject({
    description: {
      model: 'my-net',
      description: 'd',
      extraData: '80M-TI',
      epsilonTrained: 8 / 255,
      paperUrl: 'https://a.example/p',
      codeUrl: 'http://b.example',
    },
    publish: true,
    report: 'r.json',
    reshardTo: 'out',
    dryRun: true,
    json: true,
  });
});

it('takes the token from SIMPLEXITY_TOKEN, where other users of the machine do not see it', () => {
  const env = { SIMPLEXITY_TOKEN: 'sx_hidden' };
  expect(read(['--server', 'https://example.org', ...described], env).token).toBe('sx_hidden');
  expect(read(needed, env).token).toBe('sx_secret');
});

it('needs no site where nothing is sent', () => {
  expect(read([...described, '--dry-run'])).toMatchObject({ server: '', token: '' });
  expect(read([...described, '--reshard-to', 'out'])).toMatchObject({ server: '', token: '' });
});

describe('the token travels over closed ways only', () => {
  it.each([
    ['https://example.org/', 'https://example.org'],
    ['https://example.org/simplexity/', 'https://example.org/simplexity'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('%s is taken', (server, address) => {
    expect(read([...needed, '--server', server]).server).toBe(address);
  });

  it.each(['http://example.org', 'http://192.168.0.7:3000', 'http://localhost.example.org', 'http://127.0.0.1.example.org'])(
    '%s is not',
    (server) => {
      expect(() => read([...needed, '--server', server])).toThrow(/is not encrypted, so the token could be read on its way; use https:/);
      expect(read([...needed, '--server', server, '--insecure']).server).toBe(server);
    },
  );
});

describe('a wrong argument is named with what would be right', () => {
  it.each([
    ['no site', described, '--server is missing: the address of the site'],
    ['no token', ['--server', 'https://example.org', ...described], /^--token is missing: an API token .* SIMPLEXITY_TOKEN$/],
    ['no model', needed.filter((a) => a !== '--model' && a !== 'm'), '--model is missing: a folder with model.json'],
    ['an empty name', [...needed, '--name', ' '], '--name is missing: as the board is to show it'],
    ['no address', [...needed, '--server', 'example.org'], '--server must be an address such as https://example.org, got example.org'],
    ['another protocol', [...needed, '--server', 'file:///etc'], /^--server must be an address/],
    ['a board that there is not', [...needed, '--board', 'mnist'], /^--board must be one of .*, got mnist$/],
    ['a recipe that nobody knows', [...needed, '--recipe', 'at'], '--recipe must be one of ST, AT, TRADES, other, got at'],
    ['no radius', [...needed, '--epsilon-trained', '8/0'], /^--epsilon-trained must be a positive number or a fraction/],
    ['a negative radius', [...needed, '--epsilon-trained=-1'], /got -1$/],
    ['an address that runs a script', [...needed, '--paper', 'javascript:alert(1)'], /^--paper must be an address that begins with https/],
    ['an unknown option', [...needed, '--fast'], /'--fast'/],
  ])('%s', (_, argv, message) => {
    expect(() => read(argv)).toThrow(message);
  });

  it('without repeating a password or a token', () => {
    const thrown = (argv: string[]) => {
      try {
        read(argv);
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(thrown([...needed, '--server', 'https://me:hunter2@example.org'])).toBe(
      '--server must be an address such as https://example.org',
    );
    expect(thrown([...needed, '--token', 'sx_se\ncret'])).toBe('--token must be one word of visible characters');
  });
});

it('--help comes before anything else and names every option', () => {
  expect(readSubmitArguments(['--help'], {})).toBe('help');
  for (const option of ['server', 'token', 'next-version-of', 'reshard-to', 'dry-run', 'insecure'])
    expect(SUBMIT_HELP).toContain(`--${option} `);
});

it('leaves the name out of a further version, which has its model’s', () => {
  const unnamed = needed.filter((word) => word !== '--name' && word !== 'My net');
  expect(read([...unnamed, '--next-version-of', 'my-net']).description).toMatchObject({ model: 'my-net' });
  expect('name' in read([...unnamed, '--next-version-of', 'my-net']).description).toBe(false);
  expect(() => read(unnamed)).toThrow(/--name/);
});
