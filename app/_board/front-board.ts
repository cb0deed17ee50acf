import { BOARDS, type Board } from '@/lib/protocol/boards';

/** What a visitor sees first and submits to unless another is named: natural images, with baselines to compare with. */
export const FRONT_BOARD = BOARDS.get('fashion-mnist/linf') as Board;
