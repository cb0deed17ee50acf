import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Dawn looks for the Vulkan loader before any of our code runs; Chromium brings one along.
const chromium = '/usr/lib/chromium';
if (existsSync(`${chromium}/libvulkan.so.1`)) {
  process.env.LD_LIBRARY_PATH = [process.env.LD_LIBRARY_PATH, chromium].filter(Boolean).join(':');
}

export default defineConfig({
  resolve: { alias: { '@': import.meta.dirname, 'server-only': new URL('./lib/testing/empty.ts', import.meta.url).pathname } },
  test: {
    include: ['{lib,workers,app,db,scripts}/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
