/** What is due now and then, for a clock outside: Vercel's cron sends `Authorization: Bearer CRON_SECRET`, any other one can. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem, problemOf, problemResponse } from '@/app/_server/api/problem';
import { stores } from '@/app/_server/database';
import { cronSecret } from '@/app/_server/environment';
import { dumpOfToday } from '@/db/dump/dumps';
import { upkeep } from '@/db/queue/upkeep';
import { sketchOld } from '@/db/sketch-old';

export const dynamic = 'force-dynamic';

const digest = (text: string) => createHash('sha256').update(text).digest();

export async function GET(request: Request): Promise<Response> {
  const secret = cronSecret();
  const sent = request.headers.get('authorization') ?? '';
  if (secret === undefined)
    return problemResponse(new Problem('not-found', 'this site has no CRON_SECRET, so nobody may ask for its upkeep'));
  if (!timingSafeEqual(digest(sent), digest(`Bearer ${secret}`)))
    return problemResponse(new Problem('bad-token', 'Authorization: expected Bearer and the CRON_SECRET of this site'));
  try {
    const { db, blobs } = await stores();
    const { expired } = await upkeep(db);
    const { day } = await dumpOfToday(db, blobs);
    await sketchOld(db, blobs);
    return Response.json({ expired, dump: day }, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return problemResponse(problemOf(error));
  }
}
