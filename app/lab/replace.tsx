'use client';

import type { LabState } from '@/workers/browser/lab-client';
import { Button } from '../_ui/button';
import { secondary } from '../signin/controls';

interface Props {
  state: LabState;
  onReplace(): void;
  onKeep(): void;
}

/** Asked before a training that is not at its end gives its place to another. */
export function ReplaceQuestion({ state, onReplace, onKeep }: Props) {
  return (
    <div role="alertdialog" aria-labelledby="lab-replace" className="grid gap-2 rounded-md border border-line bg-panel p-3 text-sm">
      <p id="lab-replace">
        The training below is at epoch {state.epochs.length} of {state.request.epochs}. One training is kept here: the new one takes its
        place as soon as its first epoch is done.
      </p>
      <p className="flex flex-wrap gap-2">
        <Button autoFocus onClick={onKeep} className={secondary}>
          Keep it
        </Button>
        <Button onClick={onReplace} className={secondary}>
          Train anew all the same
        </Button>
      </p>
    </div>
  );
}
