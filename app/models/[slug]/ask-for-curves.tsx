'use client';

import Link from 'next/link';
import { Button } from '@/app/_ui/button';
import { ProblemLine } from '@/app/_ui/problem-line';
import { CHECK_SAMPLES } from '@/lib/protocol/probes';
import { useSiteAction } from '../../submit/use-site-action';

const look = 'rounded-md border border-line px-4 py-2 text-sm hover:bg-panel disabled:opacity-60';

interface Props {
  slug: string;
  version: number;
  board: string;
  signedIn: boolean;
}

/** Curves without one's own machine: a runner measures them, and the page has them then. */
export function AskForCurves({ slug, version, board, signedIn }: Props) {
  const { act, problem, waiting } = useSiteAction();
  if (!signedIn)
    return (
      <Link
        href={`/signin?next=${encodeURIComponent(`/models/${slug}?version=${version}&board=${board}`)}`}
        className={look}
        title={`A runner measures them on the first ${CHECK_SAMPLES} test images.`}
      >
        Sign in to queue curves for a runner
      </Link>
    );
  return (
    <>
      <Button
        className={look}
        title={`A runner measures accuracy against radius, steps and restarts on the first ${CHECK_SAMPLES} test images.`}
        disabled={waiting}
        onClick={() => void act(`/models/${slug}/versions/${version}/curves`, { board })}
      >
        Queue curves for a runner
      </Button>
      <ProblemLine text={problem} />
    </>
  );
}
