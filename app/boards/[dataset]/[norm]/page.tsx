import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { BoardPage } from '@/app/_board/board-page';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';

interface Props {
  params: Promise<{ dataset: string; norm: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function boardOf({ params }: Props) {
  const { dataset, norm } = await params;
  return BOARDS.get(`${dataset}/${norm}`);
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const board = await boardOf(props);
  if (!board) return {};
  const title = `${DATASETS[board.dataset].title} ${NORM_LABEL[board.norm]} ${board.epsilonLabel}`;
  return {
    title,
    description: `Image classifiers on ${title}, ranked by adversarial robustness and neural collapse.`,
    alternates: { canonical: `/boards/${board.id}` },
  };
}

export default async function Page(props: Props) {
  const board = await boardOf(props);
  if (!board) notFound();
  return (
    <>
      <h1 className="sr-only">Board</h1>
      <BoardPage board={board} path={`/boards/${board.id}`} searchParams={await props.searchParams} />
    </>
  );
}
