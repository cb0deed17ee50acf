import { expect } from 'vitest';
import { STANDING_STATES } from '../../lib/protocol/standing';
import { wholeReport } from '../../lib/testing/whole-report';
import { onEachDatabase } from '../testing/databases';
import { anAccount, aRun, aVersion } from '../testing/rows';
import { isVerified, verifiedModels } from './verified';

onEachDatabase('what search engines may find', ({ test }) => {
  test('is verified, public and named once', async (db) => {
    const owner = await anAccount(db);
    const verified = await aVersion(db, { baseline: true });
    for (const board of ['fashion-mnist/linf', 'fashion-mnist/l2']) await aRun(db, verified.version.id, wholeReport({ board }), 'baseline');
    const claimed = await aVersion(db, { ownerId: owner });
    await aRun(db, claimed.version.id, wholeReport(), 'claim', owner);
    const draft = await aVersion(db, { ownerId: owner, state: 'draft', baseline: true });
    await aRun(db, draft.version.id, wholeReport(), 'baseline');
    expect(await verifiedModels(db, 10)).toEqual([{ slug: verified.model.slug, changedAt: expect.any(Date) }]);
    expect(await verifiedModels(db, 0)).toEqual([]);
    expect(STANDING_STATES.filter(isVerified)).toEqual(['verified', 'double-verified']);
  });
});
