/** Letters by SMTP, where `SMTP_URL` names a server: plain text, a sentence or two and a link. */
import 'server-only';
import { createTransport } from 'nodemailer';
import { mailFrom, siteUrl, smtpUrl } from './environment';
import { later } from './later';

export interface Letter {
  to: string;
  subject: string;
  /** What happened. */
  sentence: string;
  /** A path of this site. */
  path: string;
}

/** A server that says nothing is given up. */
const SILENCE_MS = 10_000;

export const mailIsSent = () => smtpUrl() !== undefined;

/** Hands a letter to the mail server. @throws Error if it can't be reached or refuses the letter, or where none is set */
export async function sendLetter({ to, subject, sentence, path }: Letter): Promise<void> {
  const url = smtpUrl();
  if (url === undefined) throw new Error('SMTP_URL is not set, so no mail is sent');
  const transport = createTransport({
    ...{ url, connectionTimeout: SILENCE_MS, greetingTimeout: SILENCE_MS, socketTimeout: SILENCE_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  try {
    await transport.sendMail({ from: mailFrom(), to, subject, text: `${sentence}\n\n${siteUrl()}${path}\n` });
  } finally {
    transport.close();
  }
}

/** The same without waiting; a letter that could not be sent is logged, without the address. */
export const postLetter = (letter: Letter) => later(`a letter (${letter.subject}) was not sent`, () => sendLetter(letter));

/** Whether the mail server answers and lets the site in: what may be said to anybody who waits for a letter. */
export async function mailServerAnswers(): Promise<boolean> {
  const url = smtpUrl();
  if (url === undefined) return false;
  const transport = createTransport({ url, connectionTimeout: SILENCE_MS, greetingTimeout: SILENCE_MS, socketTimeout: SILENCE_MS });
  try {
    return await transport.verify();
  } catch (error) {
    console.error(`the mail server of SMTP_URL: ${(error as Error).message}`);
    return false;
  } finally {
    transport.close();
  }
}
