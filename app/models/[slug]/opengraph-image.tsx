/** The card of a link to a model: its numbers, and its place among the rows of its board. */
import { ImageResponse } from 'next/og';
import { database } from '@/app/_server/database';
import { drawnName, modelCard } from '@/app/_server/model-card';
import { percent } from '@/app/_ui/format';
import { boardPoints } from '@/db/queries/board';
import { PROTOCOL } from '@/lib/protocol/boards';

/** Made when it is asked for: a row's numbers change. */
export const dynamic = 'force-dynamic';
export const size = { width: 1200, height: 630 };
export const contentType = 'image/png';
export const alt = 'Clean and robust accuracy of the model, its collapse score, and its place among the rows of its board';

const INK = '#18181b';
const MUTED = '#56565f';
const LINE = '#dedee3';
const ACCENT = '#3d3bb3';
const PLOT = { width: 500, height: 400 };
/** As many marks as can be told apart in it. */
const MOST_POINTS = 200;

export default async function Image({ params }: { params: Promise<{ slug: string }> }) {
  const card = await modelCard((await params).slug);
  if (!card) return new Response(null, { status: 404 });
  const { model, version, standing, where } = card;
  const query = { board: standing?.board ?? version.board, protocol: PROTOCOL, sort: 'robust', limit: MOST_POINTS } as const;
  const points = standing ? await boardPoints(await database(), query, 'robust', 'collapse') : [];
  const others = points.filter((p) => p.versionId !== version.id);
  const place = (robust: number, collapse: number) => ({
    cx: 20 + robust * (PLOT.width - 40),
    cy: PLOT.height - 20 - (collapse / 100) * (PLOT.height - 40),
  });
  const name = drawnName(model);
  const numbers: [string, string][] = standing
    ? [
        ['Clean', standing.clean === null ? 'not run' : `${percent(standing.clean)} %`],
        ['Robust', standing.robust === null ? 'not run' : `${percent(standing.robust)} %`],
        ['Collapse', standing.collapse === null ? 'not defined' : standing.collapse.toFixed(1)],
      ]
    : [['', 'not measured yet']];
  return new ImageResponse(
    <div
      style={{
        display: 'flex',
        width: '100%',
        height: '100%',
        background: '#ffffff',
        color: INK,
        padding: 56,
        justifyContent: 'space-between',
      }}
    >
      <div style={{ display: 'flex', flexDirection: 'column', width: 520, justifyContent: 'space-between' }}>
        <div style={{ display: 'flex', flexDirection: 'column' }}>
          <div style={{ fontSize: 28, color: ACCENT }}>Simplexity</div>
          <div style={{ fontSize: name.length > 30 ? 40 : 60, marginTop: 16, lineHeight: 1.1, wordBreak: 'break-word' }}>{name}</div>
          <div style={{ fontSize: 26, color: MUTED, marginTop: 14 }}>{`${where}${standing ? ` · ${standing.state}` : ''}`}</div>
        </div>
        <div style={{ display: 'flex', flexDirection: 'column' }}>
          {numbers.map(([label, value]) => (
            <div key={label} style={{ display: 'flex', fontSize: 40, marginTop: 8 }}>
              <div style={{ width: 190, color: MUTED }}>{label}</div>
              <div>{value}</div>
            </div>
          ))}
        </div>
      </div>
      {standing?.robust != null && standing.collapse !== null ? (
        <div style={{ display: 'flex', flexDirection: 'column', width: PLOT.width, justifyContent: 'center' }}>
          <div style={{ fontSize: 22, color: MUTED, marginBottom: 8 }}>Collapse score (up) against robust accuracy</div>
          <svg width={PLOT.width} height={PLOT.height} viewBox={`0 0 ${PLOT.width} ${PLOT.height}`} role="presentation">
            <rect x="1" y="1" width={PLOT.width - 2} height={PLOT.height - 2} fill="none" stroke={LINE} strokeWidth="2" />
            {others.map(({ versionId, x, y }) =>
              x === null || y === null ? null : (
                <circle key={versionId} {...place(x, y)} r="9" fill="none" stroke={MUTED} strokeWidth="2.5" />
              ),
            )}
            <circle {...place(standing.robust, standing.collapse)} r="15" fill={ACCENT} />
          </svg>
          <div style={{ display: 'flex', justifyContent: 'space-between', fontSize: 20, color: MUTED, marginTop: 6 }}>
            <span>0 %</span>
            <span>100 %</span>
          </div>
        </div>
      ) : null}
    </div>,
    { ...size, headers: { 'Cache-Control': 'public, max-age=3600' } },
  );
}
