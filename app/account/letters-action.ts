'use server';

import { eq } from 'drizzle-orm';
import { revalidatePath } from 'next/cache';
import { countUse } from '@/db/queries/uses';
import { LETTERS, users } from '@/db/schema';
import { confirmationLetter } from '../_server/account-letters';
import { database } from '../_server/database';
import { sendLetter } from '../_server/mail';
import { visitor } from '../_server/visitor';

export type Outcome = 'none' | 'saved' | 'sent' | 'signed-out' | 'too-many' | 'not-sent';

export async function chooseLetters(_: Outcome, form: FormData): Promise<Outcome> {
  const account = await visitor();
  if (!account) return 'signed-out';
  const letters = LETTERS.filter((letter) => form.get(letter) === 'on');
  await (await database()).update(users).set({ letters }).where(eq(users.id, account.accountId));
  revalidatePath('/account');
  return 'saved';
}

/** The letter that confirms the address, once more. Somebody waits for it, so a failure is said. */
export async function sendConfirmation(_: Outcome): Promise<Outcome> {
  const account = await visitor();
  if (!account) return 'signed-out';
  const { accountId: id, email } = account;
  if (!(await countUse(await database(), { key: `confirm:${id}`, most: 5, windowSeconds: 3600 })).ok) return 'too-many';
  try {
    await sendLetter(await confirmationLetter({ id, email }));
    return 'sent';
  } catch (error) {
    console.error(`a letter (Confirm your address) was not sent: ${(error as Error).message}`);
    return 'not-sent';
  }
}
