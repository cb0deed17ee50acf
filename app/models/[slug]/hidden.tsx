/** What everybody sees of a model that the admins have hidden: that there is one, and why it is not shown. */
import { ended } from '@/app/_ui/format';

interface Props {
  slug: string;
  reason: string;
  sha256: string;
}

export function Hidden({ slug, reason, sha256 }: Props) {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight break-words">{slug}</h1>
      <p className="mt-3 max-w-3xl">The admins of this site have hidden this model: {ended(reason)}</p>
      <p className="mt-3 text-sm text-muted">
        Its runs and hashes are kept. SHA-256 <code className="font-mono text-xs break-all">{sha256}</code>
      </p>
    </>
  );
}
