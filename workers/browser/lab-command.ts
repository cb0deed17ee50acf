/** The command that trains in the terminal what the lab trains in the page: on one backend, to the same bytes. */
import { type LabRequest, MINORITY_SHARE, recipeOf, SHORTCUT_SHARE } from './lab-request';

/** Every choice is written out, so that it means the same whatever the defaults are. */
export function labCommand(board: string, request: LabRequest): string {
  const { mode, images, set, epochs, measured, seed } = request;
  const { net, width, learningRate, batch, momentum, weightDecay, schedule, warmup } = recipeOf(request);
  const lines = [
    `npm run -s train -- --board ${board} --mode ${mode} --net ${net} --width ${width}`,
    `--train-samples ${images} --epochs ${epochs} --batch ${batch} --lr ${learningRate} --schedule ${schedule}`,
    `--momentum ${momentum} --weight-decay ${weightDecay}${mode === 'st' ? '' : ` --warmup ${warmup}`} --seed ${seed}`,
    ...(set === 'imbalanced' ? [`--imbalance ${MINORITY_SHARE}`] : []),
    ...(set === 'shortcut' ? [`--shortcut ${SHORTCUT_SHARE}`] : []),
    `--measure ${Math.min(measured, images)} --out my-model`,
  ];
  return lines.join(' \\\n    ');
}
