/** How the runs of a set were made, and how that differs from the paper. */
import type { PaperRun } from '@/lib/paper/run';
import { Definitions } from '../_ui/definitions';
import { count } from '../_ui/format';
import { Panel } from '../_ui/report/panel';
import { link } from '../signin/controls';
import { MODES, type ModeId } from './modes';

/** Networks of the trainer, as a reader knows them. */
const NETS: Record<string, string> = {
  small: 'CNN-4: four convolutions with batch norm, global average, one dense layer',
};

/** What the runs have of something, each value once. */
const all = <T,>(runs: readonly PaperRun[], of: (run: PaperRun) => T): T[] => [...new Set(runs.map(of))];
const modeOf = ({ recipe }: PaperRun) => MODES[recipe.mode as ModeId] ?? recipe.mode;
/** “120 (AT, TRADES), 400 (ST)”, or the value alone where all have the same. */
function byMode(runs: readonly PaperRun[], of: (run: PaperRun) => number): string {
  const values = all(runs, of).sort((a, b) => a - b);
  if (values.length === 1) return String(values[0]);
  return values
    .map(
      (v) =>
        `${v} (${all(
          runs.filter((run) => of(run) === v),
          modeOf,
        ).join(', ')})`,
    )
    .join(', ');
}

export function Setting({ runs }: { runs: readonly PaperRun[] }) {
  const net = ({ recipe }: PaperRun) => `${NETS[recipe.net] ?? recipe.net}${recipe.width === undefined ? '' : `, width ${recipe.width}`}`;
  const attacking = runs.filter(({ recipe }) => recipe.mode !== 'st');
  const number = (of: (run: PaperRun) => number) => all(runs, of).map(count).join(', ');
  return (
    <Panel
      id="setting"
      title="How"
      lead="The paper has PreActResNet-18 and VGG-11, all training images and 400 epochs on GPUs. Few images are learnt by heart in minutes on a processor, which is what collapse needs; in exchange far fewer test images are named rightly under attack than by networks that saw many. Where a board has runs on more images, too, those tell of test images: so few epochs do not teach the training images by heart. Unlike in the paper, batches are small, the learning rate falls along a cosine instead of in steps, attacks in training grow over the first epochs, and every measurement attacks the finished epoch anew, while the paper measures, for AT and TRADES, the images made during the epoch. Of few images for each class NC1 comes out lower than of many: values are to be compared within a board, not with the paper’s."
    >
      <Definitions
        rows={[
          ['Network', all(runs, net).join('; ')],
          [
            'Images',
            `the first ${number((r) => r.recipe.trainSamples)} training images, ${runs.every(({ recipe }) => recipe.measure >= recipe.trainSamples) ? 'all' : `the first ${number((r) => r.recipe.measure)} of them`} measured; ${number((r) => r.test.samples)} test images`,
          ],
          ['Epochs', byMode(runs, (r) => r.recipe.epochs)],
          [
            'Optimiser',
            `SGD, batches of ${number((r) => r.recipe.batch)}, momentum ${byMode(runs, (r) => r.recipe.momentum)}, weight decay ${byMode(runs, (r) => r.recipe.weightDecay)}`,
          ],
          ['Learning rate', `${byMode(runs, (r) => r.recipe.learningRate)}, ${all(runs, (r) => r.recipe.schedule).join(', ')}`],
          [
            'Attack',
            attacking.length
              ? `the board’s PGD; in training its radius and step grow over the first epochs: ${byMode(attacking, (r) => r.recipe.warmup ?? 0)}`
              : 'the board’s PGD, on the finished epochs; none in training',
          ],
          [
            'Seeds',
            byMode(
              runs,
              (r) =>
                all(
                  runs.filter((other) => modeOf(other) === modeOf(r)),
                  (o) => o.recipe.seed,
                ).length,
            ),
          ],
          ['Device', all(runs, (r) => r.device).join('; ')],
          [
            'Numbers',
            <a key="file" href="/paper/runs.json" className={link} download>{`runs.json, ${runs.length} of whose runs are these`}</a>,
          ],
        ]}
      />
    </Panel>
  );
}
