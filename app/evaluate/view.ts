/** What is chosen on /evaluate as a query string, so that a link or a reload brings it back. Odd values fall to defaults. */

import { LEVELS } from '@/lib/attacks/catalogue';
import { BUNDLED_MODELS } from '@/lib/bundled-models';
import type { BackendChoice } from '@/lib/engine/choose';
import { type Attacks, AUTOATTACK_CHOICES, BOARD_CHOICES, type Extras, SIZE_CHOICES, type Size } from './choices';

/** A version of a model on this site. */
export interface SiteModel {
  slug: string;
  version: number;
}

export interface View {
  /** A bundled model's id; files of one's own cannot be named in a link. */
  model?: string;
  site?: SiteModel;
  /** A run to compare the result with. */
  run?: string;
  board: string;
  size: Size;
  attacks: Attacks;
  layers: boolean;
  extras: Extras;
  backend: BackendChoice;
}

export const MAX_IMAGES = 60000;
const BACKENDS: readonly BackendChoice[] = ['auto', 'webgpu', 'wasm'];
const DEFAULT: View = {
  board: BOARD_CHOICES[0].id,
  size: SIZE_CHOICES[1],
  attacks: { level: 'pgd', autoattackSamples: AUTOATTACK_CHOICES[0] },
  layers: true,
  extras: { checks: false, curves: false },
  backend: 'auto',
};

function imageCount(text: string | null, fallback: number): number {
  const n = text !== null && /^\d{1,6}$/.test(text) ? Number(text) : fallback;
  return Math.min(n, MAX_IMAGES);
}

export function readView(params: URLSearchParams): View {
  const model = BUNDLED_MODELS.find((m) => m.id === params.get('model'))?.id;
  const [, slug, version] = /^([a-z0-9-]{1,80})@(\d{1,6})$/.exec(params.get('site') ?? '') ?? [];
  const run = /^[0-9a-f-]{36}$/.exec(params.get('run') ?? '')?.[0];
  return {
    ...(model ? { model } : {}),
    ...(slug && !model ? { site: { slug, version: Number(version) } } : {}),
    ...(run ? { run } : {}),
    board: BOARD_CHOICES.find((b) => b.id === params.get('board'))?.id ?? DEFAULT.board,
    size: {
      samples: imageCount(params.get('samples'), DEFAULT.size.samples),
      trainSamples: imageCount(params.get('train'), DEFAULT.size.trainSamples),
    },
    attacks: {
      level: LEVELS.find((level) => level === params.get('level')) ?? DEFAULT.attacks.level,
      autoattackSamples: Math.max(1, imageCount(params.get('autoattack'), DEFAULT.attacks.autoattackSamples)),
    },
    layers: params.get('layers') !== 'no',
    extras: { checks: params.get('checks') === 'yes', curves: params.get('curves') === 'yes' },
    backend: BACKENDS.find((b) => b === params.get('backend')) ?? DEFAULT.backend,
  };
}

/** Only what differs from the defaults; empty if nothing does. */
export function viewQuery({ model, site, run, board, size, attacks, layers, extras, backend }: View): string {
  const params = new URLSearchParams();
  if (model) params.set('model', model);
  if (site) params.set('site', `${site.slug}@${site.version}`);
  if (run) params.set('run', run);
  if (board !== DEFAULT.board) params.set('board', board);
  if (size.samples !== DEFAULT.size.samples) params.set('samples', String(size.samples));
  if (size.trainSamples !== DEFAULT.size.trainSamples) params.set('train', String(size.trainSamples));
  if (attacks.level !== DEFAULT.attacks.level) {
    params.set('level', attacks.level);
    params.set('autoattack', String(attacks.autoattackSamples));
  }
  if (!layers) params.set('layers', 'no');
  if (extras.checks) params.set('checks', 'yes');
  if (extras.curves) params.set('curves', 'yes');
  if (backend !== DEFAULT.backend) params.set('backend', backend);
  return params.toString();
}

export const siteModelUrl = ({ slug, version }: SiteModel) => `/api/v1/models/${slug}/versions/${version}/files/model.json`;

/** The model behind such an address; undefined where it is another one. */
export function readSiteModelUrl(url: string): SiteModel | undefined {
  const [, slug, version] = /^\/api\/v1\/models\/([^/]+)\/versions\/(\d+)\/files\/model\.json$/.exec(url) ?? [];
  return slug ? { slug, version: Number(version) } : undefined;
}
