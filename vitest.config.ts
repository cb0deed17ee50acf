import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Dawn looks for the Vulkan loader before any of our code runs; Chromium brings one along.
const chromium = '/usr/lib/chromium';
if (existsSync(`${chromium}/libvulkan.so.1`)) {
  process.env.LD_LIBRARY_PATH = [process.env.LD_LIBRARY_PATH, chromium].filter(Boolean).join(':');
}

const common = {
  resolve: { alias: { '@': import.meta.dirname, 'server-only': new URL('./lib/testing/empty.ts', import.meta.url).pathname } },
};
const limits = { pool: 'forks', testTimeout: 60_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        ...common,
        test: {
          ...limits,
          name: 'pure',
          include: ['{lib,workers,scripts,bench}/**/*.test.ts', 'app/{_board,_ui,compare,evaluate,lab,models,signin,submit}/**/*.test.ts'],
        },
      },
      {
        ...common,
        test: {
          ...limits,
          name: 'database',
          include: ['db/**/*.test.ts', 'app/**/*.test.ts'],
          exclude: ['app/{_board,_ui,compare,evaluate,lab,models,signin,submit}/**'],
          globalSetup: 'db/testing/global-setup.ts',
        },
      },
    ],
  },
});
