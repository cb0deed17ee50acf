/** What is typed on the sign-in page, checked, and what the server refuses of it, as sentences. */

export type Mode = 'sign-in' | 'sign-up';
export type Field = 'name' | 'email' | 'password';
export type Credentials = Record<Field, string>;

export const SHORTEST_PASSWORD = 10;

export interface Complaint {
  field?: Field;
  sentence: string;
}

/** The first thing that is missing, before anything is sent. */
export function complaintOf(mode: Mode, { name, email, password }: Credentials): Complaint | undefined {
  if (mode === 'sign-up' && name.trim() === '') return { field: 'name', sentence: 'Give a name; it is shown beside your submissions.' };
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim())) return { field: 'email', sentence: 'Give an email address, such as ada@example.org.' };
  if (password === '') return { field: 'password', sentence: 'Give your password.' };
  if (mode === 'sign-up' && password.length < SHORTEST_PASSWORD)
    return { field: 'password', sentence: `The password has ${password.length} characters; at least ${SHORTEST_PASSWORD} are needed.` };
  return undefined;
}

/** An answer of the accounts’ server that is not a yes. */
export interface Refusal {
  status: number;
  code?: string | undefined;
  message?: string | undefined;
  retryAfterSeconds?: number | undefined;
}

export function sentenceOf({ status, code, message, retryAfterSeconds }: Refusal): Complaint {
  if (status === 0) return { sentence: 'The site could not be reached. What you typed is still here; try again.' };
  if (status === 429)
    return {
      sentence: `Too many attempts. Try again in ${retryAfterSeconds ? `${retryAfterSeconds} s` : 'a moment'}; what you typed is kept.`,
    };
  switch (code) {
    case 'INVALID_EMAIL_OR_PASSWORD':
      return { field: 'password', sentence: 'There is no account with this email and password.' };
    case 'USER_ALREADY_EXISTS':
    case 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL':
      return { field: 'email', sentence: 'There is an account with this email already. Sign in instead, or give another address.' };
    case 'INVALID_EMAIL':
      return { field: 'email', sentence: 'This is not an email address that mail could reach.' };
    case 'INVALID_TOKEN':
      return { sentence: 'This link has been used or has expired. Nothing was changed; ask for another.' };
    case 'PASSWORD_TOO_SHORT':
      return { field: 'password', sentence: `The password needs at least ${SHORTEST_PASSWORD} characters.` };
    case 'PASSWORD_TOO_LONG':
      return { field: 'password', sentence: 'The password is too long; at most 128 characters are taken.' };
    case 'INVALID_ORIGIN':
    case 'MISSING_OR_NULL_ORIGIN':
      return { sentence: 'This site runs under another address than the one in your browser; whoever runs it has to set SITE_URL.' };
  }
  if (status >= 500) return { sentence: 'Something went wrong on our side. What you typed is still here; try again.' };
  return { sentence: message ? `${message.replace(/\.?$/, '.')}` : 'That was not accepted.' };
}

/** What went wrong at GitHub or on the way back, by the code in the page's address. */
export function githubSentence(code: string): string {
  switch (code) {
    case 'account_not_linked':
      return 'There is an account here with the address of your GitHub account already. Sign in with its email and password.';
    case 'email_not_found':
      return 'GitHub named no email address of yours. Add one there, or create an account with an email and a password.';
    case 'access_denied':
      return 'You did not let GitHub tell this site who you are. Try again, or use an email and a password.';
    case 'state_mismatch':
    case 'please_restart_the_process':
      return 'That sign-in was begun too long ago or in another browser. Try again.';
  }
  return 'GitHub did not sign you in. Try again, or use an email and a password.';
}
