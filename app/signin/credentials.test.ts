import { describe, expect, it } from 'vitest';
import { complaintOf, sentenceOf } from './credentials';

describe('complaintOf', () => {
  const good = { name: 'Ada', email: 'ada@example.org', password: 'ten characters' };
  it('asks for what is missing, one thing at a time', () => {
    expect(complaintOf('sign-up', good)).toBeUndefined();
    expect(complaintOf('sign-up', { ...good, name: ' ' })?.field).toBe('name');
    expect(complaintOf('sign-in', { ...good, name: '' })).toBeUndefined();
    expect(complaintOf('sign-in', { ...good, email: 'ada' })?.field).toBe('email');
    expect(complaintOf('sign-up', { ...good, password: 'short' })?.sentence).toBe('The password has 5 characters; at least 10 are needed.');
    // Nobody’s old password is judged when they sign in with it.
    expect(complaintOf('sign-in', { ...good, password: 'short' })).toBeUndefined();
  });
});

describe('sentenceOf', () => {
  it.each([
    [{ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' }, 'There is no account with this email and password.'],
    [{ status: 0 }, 'The site could not be reached. What you typed is still here; try again.'],
    [{ status: 429, retryAfterSeconds: 8 }, 'Too many attempts. Try again in 8 s; what you typed is kept.'],
    [{ status: 500 }, 'Something went wrong on our side. What you typed is still here; try again.'],
    [{ status: 400, code: 'NEW_CODE', message: 'Odd request' }, 'Odd request.'],
  ])('%j', (refusal, sentence) => {
    expect(sentenceOf(refusal).sentence).toBe(sentence);
  });

  it('never says whether it was the email or the password', () => {
    expect(sentenceOf({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' }).sentence).toContain('this email and password');
  });
});
