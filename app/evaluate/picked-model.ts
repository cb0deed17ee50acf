/** The model that a visitor has picked, as a choice of the page and as a source for the worker. */
import { BUNDLED_MODELS, modelUrl } from '@/lib/bundled-models';
import type { ModelSource } from '@/workers/browser/messages';
import { readSiteModelUrl, type SiteModel, siteModelUrl } from './view';

export type PickedModel = { kind: 'bundled'; id: string } | { kind: 'site'; model: SiteModel } | { kind: 'own'; files: File[] };

export const sourceOf = (picked: PickedModel): ModelSource =>
  picked.kind === 'own'
    ? { kind: 'files', files: picked.files }
    : { kind: 'url', url: picked.kind === 'bundled' ? modelUrl(picked.id) : siteModelUrl(picked.model) };

/** The choice that a source came from; undefined where there is no such model any more. */
export function pickedFrom(source: ModelSource): PickedModel | undefined {
  if (source.kind === 'files') return { kind: 'own', files: source.files };
  if (source.kind !== 'url') return undefined;
  const bundled = BUNDLED_MODELS.find(({ id }) => modelUrl(id) === source.url);
  if (bundled) return { kind: 'bundled', id: bundled.id };
  const model = readSiteModelUrl(source.url);
  return model && { kind: 'site', model };
}

export const titleOf = (picked: PickedModel): string => {
  if (picked.kind === 'bundled') return picked.id;
  if (picked.kind === 'site') return `${picked.model.slug}${picked.model.version > 1 ? ` v${picked.model.version}` : ''}`;
  return picked.files.find(({ name }) => /\.zip$/i.test(name))?.name ?? 'Your own model';
};
