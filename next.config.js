import { codeDigest } from './scripts/sources.mjs';

// Pages are inline scripts and styles of Next's own making; everything else comes from the site itself.
const POLICY = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'${process.env.NODE_ENV === 'development' ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "object-src 'none'",
].join('; ');

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // Written into the worker that measures; under `npm run dev` it is that of the server's start.
  env: { SIMPLEXITY_CODE: codeDigest(import.meta.dirname) },
  // `npm run check` and `npm test` check the types; a newcomer's first start need not wait for it.
  typescript: { ignoreBuildErrors: true },
  output: process.env.NEXT_OUTPUT === 'standalone' ? 'standalone' : undefined,
  serverExternalPackages: ['@electric-sql/pglite', '@jsquash/jpeg', 'pg-boss'],
  // What the server reads from disk at run time, for deployments that copy only what is traced.
  outputFileTracingIncludes: {
    '/**': [
      './db/migrations/**/*',
      './docs/*.md',
      './db/baselines/*',
      './db/references/*',
      './public/models/**/*',
      './node_modules/@jsquash/jpeg/**/*',
    ],
  },
  // Another folder lets a build be made beside a running site.
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  async headers() {
    return [
      {
        source: '/:path*',
        headers: [
          { key: 'X-Content-Type-Options', value: 'nosniff' },
          { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
          { key: 'X-Frame-Options', value: 'DENY' },
          { key: 'Content-Security-Policy', value: POLICY },
        ],
      },
    ];
  },
};
