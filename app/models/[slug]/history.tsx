/** What happened to the model, newest first. */
import { eventSentence } from '@/app/_ui/event-sentence';
import { Panel } from '@/app/_ui/report/panel';
import { When } from '@/app/_ui/when';
import type { historyOf } from '@/db/queries/models';

type Event = Awaited<ReturnType<typeof historyOf>>[number];

export function History({ events }: { events: Event[] }) {
  return (
    <Panel id="history" title="History">
      <ol className="grid gap-1 text-sm">
        {events.map((event) => (
          <li key={event.id} className="grid gap-x-4 sm:grid-cols-[12rem_1fr]">
            <span className="text-muted">
              <When iso={event.at.toISOString()} />
            </span>
            <span>{eventSentence(event)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
