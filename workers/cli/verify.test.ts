/** The command that checks a signature without any site, as a process of its own. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attestation } from '../../lib/protocol/attestation';
import { bundledFiles, modelOf } from '../../lib/testing/small-evaluation';
import { wholeReport } from '../../lib/testing/whole-report';
import { runCommand } from '../testing/command';
import { readVerifyArguments } from './verify-arguments';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'simplexity-verify-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rawKey = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
const runner = generateKeyPairSync('ed25519');
const { sha256 } = await modelOf(bundledFiles('fmnist_at'));
const text = `${JSON.stringify(wholeReport({ sha256 }), null, 1)}\n`;

function attestationOf(bytes: string, { privateKey, publicKey } = runner): Attestation {
  const digest = createHash('sha256').update(bytes).digest();
  return {
    schema: 'attestation/1',
    run: '00000000-0000-4000-8000-000000000000',
    reportSha256: digest.toString('hex'),
    signature: sign(null, digest, privateKey).toString('base64'),
    runner: { name: 'a box', publicKey: rawKey(publicKey), owner: 'Bob', local: false },
    revokedAt: null,
    revokedReason: null,
  };
}

async function verify(report: string, attestation: unknown, ...more: string[]) {
  const files = [path.join(folder, 'report.json'), path.join(folder, 'attestation.json')];
  await writeFile(files[0], report);
  await writeFile(files[1], typeof attestation === 'string' ? attestation : JSON.stringify(attestation));
  return runCommand('verify', ['--report', files[0], '--attestation', files[1], ...more], folder);
}

const other = generateKeyPairSync('ed25519');

describe('npm run verify', () => {
  it('says who signed which report, and that it is of the model that was named', async () => {
    const key = rawKey(runner.publicKey);
    const { code, stdout, stderr } = await verify(text, attestationOf(text), '--key', key, '--model', 'public/models/fmnist_at');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('the signature holds: “a box” (owner Bob) signed this report');
    expect(stdout).toContain(key);
    expect(stdout).toContain(sha256);
  });

  it.each([
    ['a byte of the report differs', () => verify(`${text} `, attestationOf(text)), /SHA-256 is [0-9a-f]{64}/],
    [
      'the signature is of another report',
      () => verify(text, { ...attestationOf(text), signature: attestationOf('{}').signature }),
      /not hold/,
    ],
    ['another key signed', () => verify(text, { ...attestationOf(text, other), runner: attestationOf(text).runner }), /not hold/],
    ['the key is not the one that is known', () => verify(text, attestationOf(text), '--key', rawKey(other.publicKey)), /another key/],
    ['the report is of another model', () => verify(text, attestationOf(text), '--model', 'public/models/fmnist_st'), /not of/],
  ])('ends with 1 and one sentence where %s', async (_, ask, sentence) => {
    const { code, stdout, stderr } = await ask();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('ends with 4 where a file is not what it should be, and prints no control characters of it', async () => {
    const bell = { ...attestationOf(text), runner: { ...attestationOf(text).runner, name: '\u001b]0;owned\u0007' } };
    for (const [attestation, words] of [
      ['{', /is not JSON/],
      [{ schema: 'attestation/2' }, /schema/],
      [bell, /runner\.name: control characters/],
    ] as const) {
      const { code, stderr } = await verify(text, attestation);
      expect(code).toBe(4);
      expect(stderr).toMatch(words);
      expect(stderr).not.toContain('\u001b');
    }
    expect((await runCommand('verify', ['--report', '/nowhere', '--attestation', '/nowhere'], folder)).code).toBe(4);
  });

  it('names arguments that are off', () => {
    expect(() => readVerifyArguments([])).toThrow(/--report is missing/);
    expect(() => readVerifyArguments(['--report', 'r'])).toThrow(/--attestation is missing/);
    expect(() => readVerifyArguments(['--report', 'r', '--attestation', 'a', '--key', 'AAAA'])).toThrow(/--key must be base64 of the 32/);
    expect(readVerifyArguments(['-h'])).toBe('help');
  });
});
