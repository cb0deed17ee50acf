/** What admins have decided about a version, why, and what became of the appeal. */
import { ended } from '@/app/_ui/format';
import { When } from '@/app/_ui/when';
import type { Appeal, versions } from '@/db/schema';
import { AppealForm } from './appeal';

interface Props {
  version: Pick<typeof versions.$inferSelect, 'id' | 'state' | 'reasons' | 'locked' | 'disqualified'>;
  appeal: Appeal | undefined;
  own: boolean;
}

export function Decisions({ version, appeal, own }: Props) {
  const hidden = version.state === 'hidden' ? version.reasons.join('; ') : null;
  const stands = hidden ?? version.disqualified;
  if (stands === null && version.locked === null && !appeal) return null;
  return (
    <section aria-label="Decisions of the admins" className="mt-4 grid gap-2 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
      {hidden === null ? null : <p>Hidden by the admins: {ended(hidden)} Only its submitter and the admins see this page.</p>}
      {version.disqualified === null ? null : <p>Disqualified, so not ranked: {ended(version.disqualified)}</p>}
      {version.locked === null ? null : <p>Locked, so that no runs and witnesses are taken just now: {ended(version.locked)}</p>}
      {appeal ? (
        <p>
          Its submitter appealed on <When iso={appeal.createdAt.toISOString()} day />.{' '}
          {appeal.answer === null
            ? 'The admins have not answered yet.'
            : `${appeal.upheld ? 'Upheld' : 'Rejected'}: ${ended(appeal.answer)}`}
        </p>
      ) : stands !== null && own ? (
        <AppealForm versionId={version.id} />
      ) : null}
    </section>
  );
}
