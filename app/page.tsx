import Link from 'next/link';
import { BoardPage } from './_board/board-page';
import { FRONT_BOARD } from './_board/front-board';

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Home({ searchParams }: Props) {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">How robust is a classifier, and how far has it collapsed?</h1>
      <p className="mt-2 mb-6 max-w-3xl">
        Simplexity ranks image classifiers by how many test images an attacker inside a small ball can flip, and by how close their last
        features have come to a{' '}
        <abbr title="As many points as classes, all equally far apart: where class means end up at neural collapse.">simplex</abbr>. Your
        browser does the measuring:{' '}
        <Link href="/evaluate" className="underline underline-offset-2">
          evaluate a model
        </Link>{' '}
        and check any number yourself.
      </p>
      <BoardPage board={FRONT_BOARD} path="/" searchParams={await searchParams} />
    </>
  );
}
