import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { users } from '@/db/schema';
import { type TestSite, testSite } from './testing';
import { aRunner } from './testing-runner';
import { refusal } from './testing-submission';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
afterAll(() => site.close());

it('lets admins, and nobody else, see accounts and say who may run runners', async () => {
  const [admin, other] = [await site.account('Ada'), await site.account('Bob')];
  await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.id));
  const asRunner = { token: other.token };
  expect((await aRunner(site, asRunner)).status).toBe(403);
  const body = { role: 'runner' };
  for (const path of ['/accounts', `/accounts/${other.id}/role`]) {
    const method = path.endsWith('role') ? 'POST' : 'GET';
    const more = method === 'POST' ? { body } : {};
    expect(await refusal(site.ask(method, path, { token: other.token, ...more }))).toMatchObject({ status: 403, code: 'not-an-admin' });
    expect(await refusal(site.ask(method, path, more))).toMatchObject({ status: 401, code: 'sign-in-needed' });
  }
  const { accounts } = (await (await site.ask('GET', '/accounts?search=bob', { token: admin.token })).json()) as { accounts: object[] };
  expect(accounts).toMatchObject([{ id: other.id, role: 'submitter', models: 0 }]);
  const give = (id: string, role: string) => site.ask('POST', `/accounts/${id}/role`, { token: admin.token, body: { role } });
  expect((await give(other.id, 'runner')).status).toBe(200);
  expect((await aRunner(site, asRunner)).status).toBe(201);
  expect(await refusal(give(other.id, 'emperor'))).toMatchObject({ status: 400 });
  expect(await refusal(give('nobody', 'runner'))).toMatchObject({ status: 404 });
  expect(await refusal(give(admin.id, 'submitter'))).toMatchObject({ status: 409, code: 'not-ready' });
});
