/** Letters about an account itself: an address to confirm, a password to set anew. */
import 'server-only';
import { createEmailVerificationToken } from 'better-auth/api';
import { secret } from './environment';
import type { Letter } from './mail';

export const RESET_HOURS = 24;
const CONFIRM_HOURS = 72;

/** Where a reset link leads; the form there uses it up, not whoever merely looks at it. */
export const resetPath = (token: string) => `/signin/new-password?token=${encodeURIComponent(token)}`;

export const resetLetter = (to: string, token: string): Letter => ({
  ...{ to, subject: 'Set a new password', path: resetPath(token) },
  sentence: `Somebody, probably you, asked Simplexity for a new password. The link works once, for ${RESET_HOURS} hours; if it wasn’t you, do nothing.`,
});

/** With a fresh token for this address. */
export async function confirmationLetter(account: { id: string; email: string }): Promise<Letter> {
  const token = await createEmailVerificationToken(secret(), account.email, undefined, CONFIRM_HOURS * 3600, { userId: account.id });
  return {
    ...{ to: account.email, subject: 'Confirm your address' },
    path: `/api/auth/verify-email?token=${encodeURIComponent(token)}&callbackURL=%2Faccount`,
    sentence: `An account at Simplexity was made with this address. Open the link within ${CONFIRM_HOURS} hours if it is yours; else do nothing.`,
  };
}
