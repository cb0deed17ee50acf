/** Names in addresses. */
import { eq, like, or } from 'drizzle-orm';
import type { Db } from '../client';
import { models } from '../schema';

/** Lower-case letters, digits and single hyphens; at most 60 characters; `model` if nothing is left. */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
  return plain || 'model';
}

/** The name's slug, with the first free number behind it if others have it. */
export async function freeSlug(db: Db, name: string): Promise<string> {
  const base = slugOf(name);
  const rows = await db
    .select({ slug: models.slug })
    .from(models)
    .where(or(eq(models.slug, base), like(models.slug, `${base}-%`)));
  const taken = new Set(rows.map((r) => r.slug));
  if (!taken.has(base)) return base;
  for (let n = 2; ; n++) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
}
