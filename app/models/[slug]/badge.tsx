/** The row's badge, and the Markdown that shows it elsewhere. */
import { CopyButton } from '@/app/_ui/copy-button';

export function Badge({ slug, version, name, site }: { slug: string; version: number; name: string; site: string }) {
  const path = `/api/v1/badge/${slug}@${version}.svg`;
  const page = `${site}/models/${slug}?version=${version}`;
  const markdown = `[![${name.replace(/[[\]\\]/g, '\\$&')} on Simplexity](${site}${path})](${page})`;
  return (
    <details className="mt-2 text-sm">
      <summary className="w-fit text-muted">Badge</summary>
      {/* biome-ignore lint/performance/noImgElement: an SVG of the site's own making. */}
      <img src={path} alt={`Badge of ${name}`} height={20} className="mt-2" loading="lazy" />
      <pre className="mt-2 overflow-x-auto rounded-lg bg-panel p-3 font-mono text-xs">{markdown}</pre>
      <div className="mt-2">
        <CopyButton text={markdown} label="Copy Markdown" />
      </div>
    </details>
  );
}
