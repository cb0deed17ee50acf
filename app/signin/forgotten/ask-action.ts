'use server';

import { headers } from 'next/headers';
import { auth } from '../../_server/auth';
import { mailIsSent, mailServerAnswers } from '../../_server/mail';

export type Asked = 'none' | 'asked' | 'no-address' | 'too-many' | 'no-mail' | 'unavailable';

/** Says the same whether or not there is such an account. */
export async function askForLetter(_: Asked, form: FormData): Promise<Asked> {
  const email = form.get('email');
  if (typeof email !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(email.trim()) || email.length > 200) return 'no-address';
  if (!mailIsSent()) return 'unavailable';
  if (!(await mailServerAnswers())) return 'no-mail';
  try {
    await (await auth()).api.requestPasswordReset({ body: { email: email.trim() }, headers: await headers() });
    return 'asked';
  } catch (error) {
    if ((error as { status?: unknown }).status === 'TOO_MANY_REQUESTS') return 'too-many';
    console.error((error as Error).message);
    return 'unavailable';
  }
}
