/** A report before it becomes a run: about a version that is here, on data that this site serves, in agreement with itself. */

import type { Reader } from '@/db/queries/models';
import { versionBySha256 } from '@/db/queries/models';
import { BOARDS } from '@/lib/protocol/boards';
import { inconsistencies } from '@/lib/protocol/consistency';
import { reportSchema } from '@/lib/protocol/report';
import { stores } from '../database';
import { servedSplit } from '../served-digests';
import { Problem } from './problem';
import { isStorable, UNSTORABLE } from './shapes';

/** A report that is about a version which the reader sees, on data that this site serves, and that agrees with itself. */
export async function acceptableReport(text: string, reader: Reader) {
  const parsed = reportSchema.safeParse(
    (() => {
      try {
        return JSON.parse(text);
      } catch {
        throw new Problem('bad-request', 'the body is not JSON');
      }
    })(),
  );
  if (!parsed.success)
    throw new Problem('bad-request', parsed.error.issues.map((i) => `${i.path.join('.') || 'report'}: ${i.message}`).join('; '));
  const report = parsed.data;
  const { device, engine, versions } = report.environment;
  if (![device, engine, ...Object.entries(versions).flat()].every(isStorable))
    throw new Problem('bad-request', `environment: ${UNSTORABLE}`);
  const board = BOARDS.get(report.board);
  if (!board) throw new Problem('bad-request', `board: there is no board ${report.board}`);
  const { db } = await stores();
  const found = await versionBySha256(db, report.model.sha256, reader);
  if (!found) throw new Problem('not-found', `model.sha256: no model ${report.model.sha256} that you can see; submit it first`);
  if (found.version.state !== 'public' && found.version.state !== 'draft')
    throw new Problem('not-ready', `the model is ${found.version.state}; its files have to be checked first`);
  if (BOARDS.get(found.version.board)?.dataset !== board.dataset)
    throw new Problem('bad-request', `board: the model was submitted for ${found.version.board}, whose data are not those of ${board.id}`);
  for (const split of ['test', 'train'] as const) {
    const used = report.data[split];
    if (!used) continue;
    const served = await servedSplit(board.dataset, split);
    if (served?.sha256 !== used.sha256)
      throw new Problem('other-data', `data.${split}.sha256: ${used.sha256} is not what this site serves (${served?.sha256 ?? 'nothing'})`);
    if (served.records !== used.records || served.official !== used.official)
      throw new Problem('inconsistent-report', `data.${split}: expected ${served.records} records, official: ${served.official}`);
  }
  for (const key of ['params', 'macs', 'classes'] as const)
    if (report.model[key] !== found.version[key])
      throw new Problem('inconsistent-report', `model.${key}: ${report.model[key]}, but the files have ${found.version[key]}`);
  const age = Date.now() - Date.parse(report.startedAt);
  if (age < -86_400_000) throw new Problem('inconsistent-report', 'startedAt: it lies in the future');
  const wrong = inconsistencies(report);
  if (wrong.length) throw new Problem('inconsistent-report', wrong.join('; '));
  return { report, ...found };
}
