/** Letters about models and answers, to addresses that were confirmed; those that can be left out only to who asked for them. */
import 'server-only';
import { and, eq, isNull } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { complaints, type Letter as Kind, models, users, versions } from '@/db/schema';
import { later } from './later';
import { mailIsSent, sendLetter } from './mail';

interface Message {
  subject: string;
  sentence: string;
  path: string;
}

async function write(db: Db, accountId: string | null, kind: Kind | 'answer', message: Message): Promise<void> {
  if (accountId === null) return;
  const [account] = await db
    .select({ email: users.email, confirmed: users.emailVerified, letters: users.letters })
    .from(users)
    .where(and(eq(users.id, accountId), isNull(users.deletedAt)));
  if (!account?.confirmed || (kind !== 'answer' && !account.letters.includes(kind))) return;
  await sendLetter({ to: account.email, ...message });
}

async function ofVersion(db: Db, versionId: string) {
  const [found] = await db
    .select({ ownerId: models.ownerId, name: models.name, number: versions.number, slug: models.slug })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(versions.id, versionId));
  return found && { ...found, path: `/models/${found.slug}?version=${found.number}` };
}

/** To the submitter, after the answer; nothing where no mail is sent. */
function toOwner(db: Db, versionId: string, kind: Kind | 'answer', said: (name: string) => Omit<Message, 'path'>): void {
  if (!mailIsSent()) return;
  later('a letter was not sent', async () => {
    const model = await ofVersion(db, versionId);
    if (model) await write(db, model.ownerId, kind, { ...said(model.name), path: model.path });
  });
}

export const writeMeasured = (db: Db, versionId: string, board: string, state: string | null) =>
  toOwner(db, versionId, 'measured', (name) => ({
    subject: `${name} was measured`,
    sentence: `A runner measured ${name} on ${board}${state ? `; its row is ${state} now` : ''}.`,
  }));

export const writeFailed = (db: Db, versionId: string, board: string, message: string) =>
  toOwner(db, versionId, 'failed', (name) => ({
    subject: `${name} could not be measured`,
    sentence: `Measuring ${name} on ${board} failed: ${message}. You can have it measured once more.`,
  }));

export const writeAppealAnswered = (db: Db, versionId: string, upheld: boolean, answer: string) =>
  toOwner(db, versionId, 'answer', (name) => ({
    subject: `Your appeal about ${name} was answered`,
    sentence: `Your appeal about ${name} was ${upheld ? 'upheld' : 'rejected'}: ${answer}`,
  }));

export function writeComplaintAnswered(db: Db, complaintId: string, answer: string): void {
  if (!mailIsSent()) return;
  later('a letter was not sent', async () => {
    const [complaint] = await db.select().from(complaints).where(eq(complaints.id, complaintId));
    const model = complaint && (await ofVersion(db, complaint.versionId));
    if (!model) return;
    const subject = `What you reported about ${model.name} was answered`;
    await write(db, complaint.accountId, 'answer', { subject, sentence: `The admins answered: ${answer}`, path: '/account' });
  });
}
