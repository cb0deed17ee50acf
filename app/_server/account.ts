/** What an account’s own page shows: its submissions, and its tokens without their secrets. */
import 'server-only';
import { headers } from 'next/headers';
import { submissionsOf } from '@/db/queries/models';
import { submissionOf } from '@/db/queries/submissions';
import type { OwnVersion } from '../account/submission-list';
import type { Token } from '../account/tokens';
import { auth } from './auth';
import { database } from './database';

export async function ownVersions(accountId: string): Promise<OwnVersion[]> {
  const db = await database();
  const rows = await submissionsOf(db, accountId);
  return Promise.all(
    rows.map(async ({ slug, name, version: { id, number, board, state, reasons, createdAt } }) => ({
      id,
      slug,
      name,
      number,
      board,
      state,
      reasons,
      createdAt: createdAt.toISOString(),
      missing: state === 'uploading' ? (await submissionOf(db, id)).missing.length : 0,
    })),
  );
}

export async function ownTokens(): Promise<Token[]> {
  const { api } = await auth();
  const { apiKeys } = await api.listApiKeys({ headers: await headers(), query: { sortBy: 'createdAt', sortDirection: 'desc' } });
  const iso = (time: Date | string | null | undefined) => (time ? new Date(time).toISOString() : null);
  return apiKeys.map(({ id, name, start, createdAt, expiresAt, lastRequest }) => ({
    id,
    name: name ?? 'unnamed',
    start: start ?? '',
    createdAt: iso(createdAt) as string,
    expiresAt: iso(expiresAt),
    lastUsedAt: iso(lastRequest),
  }));
}
