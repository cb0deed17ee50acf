/** The server's settings, read in one place. */
import 'server-only';
import path from 'node:path';
import { chooseDatabase } from '@/db/env';

export const dataDirectory = () => path.resolve(/*turbopackIgnore: true*/ process.env.DATA_DIR ?? '.data');
export const datasetsDirectory = () => process.env.DATASETS_DIR || undefined;
export const databaseChoice = () => chooseDatabase(process.env, path.join(dataDirectory(), 'database'));

/** What sessions and verification seeds are derived from; `npm start` makes one where the environment names none. */
export function secret(): string {
  const value = process.env.SIMPLEXITY_SECRET;
  if (!value || value.length < 32) throw new Error('SIMPLEXITY_SECRET must be set to at least 32 random characters; `npm start` makes one');
  return value;
}

/** Where visitors find the site; links and sign-in checks rest on it. */
export function siteUrl(): string {
  const { SITE_URL, VERCEL_PROJECT_PRODUCTION_URL, PORT } = process.env;
  if (SITE_URL) return SITE_URL.replace(/\/+$/, '');
  return VERCEL_PROJECT_PRODUCTION_URL ? `https://${VERCEL_PROJECT_PRODUCTION_URL}` : `http://localhost:${PORT || 3000}`;
}

/** Sign-in with GitHub, where it was configured. */
export function github(): { clientId: string; clientSecret: string } | undefined {
  const { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: clientSecret } = process.env;
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}

/** The mail server, `smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`; without one no mail is sent. */
export const smtpUrl = () => process.env.SMTP_URL || undefined;
export const mailFrom = () => process.env.MAIL_FROM || `Simplexity <noreply@${new URL(siteUrl()).hostname}>`;

/** What a clock outside says to have the upkeep done. */
export const cronSecret = () => process.env.CRON_SECRET || undefined;
