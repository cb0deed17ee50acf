import { describe, expect, it } from 'vitest';
import { chromiumFlags } from './chromium-flags';

const flags = (server: string, options = {}) => chromiumFlags(server, { softwareGpu: false, platform: 'linux', ...options });

describe('the flags of the runner’s Chromium', () => {
  it.each([
    ['https://example.org', 'example.org'],
    ['https://example.org:8443/below', 'example.org'],
    ['http://127.0.0.1:3000', '127.0.0.1'],
    ['http://[::1]:3000', '::1'],
  ])('shut the network but for %s', (server, host) => {
    expect(flags(server)).toContain(`--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${host}`);
    expect(flags(server)).toContain('--no-proxy-server');
  });

  it('take the software adapter only where that was asked for', () => {
    expect(flags('https://example.org').join(' ')).not.toContain('swiftshader');
    expect(flags('https://example.org', { softwareGpu: true })).toContain('--use-webgpu-adapter=swiftshader');
  });

  it('never switch the sandbox off', () => {
    expect(flags('https://example.org').filter((f) => /sandbox|web-security/.test(f))).toEqual([]);
  });

  it('let a page that is not encrypted have WebGPU, since --insecure has allowed it', () => {
    expect(flags('http://10.0.0.7:3000')).toContain('--unsafely-treat-insecure-origin-as-secure=http://10.0.0.7:3000');
    expect(flags('https://example.org').join(' ')).not.toContain('insecure');
  });

  it('ask for Vulkan on Linux alone', () => {
    expect(flags('https://example.org', { platform: 'win32' }).join(' ')).not.toMatch(/vulkan/i);
  });
});
