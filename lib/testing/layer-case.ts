/** How a case of a layer is written: a small model, and what tfjs is to read for it. */
import { functional, type KerasLayer, type KerasModel, sequential, type Wire } from './keras-model';

export interface LayerCase {
  title: string;
  input: [number, number, number];
  model: KerasModel;
  /** A model with the same weights and outputs that tfjs can read; `null` where there is none. */
  oracle?: KerasModel | null;
}

export const same = { padding: 'same' };
export const relu = { activation: 'relu' };
export const stacked = (title: string, input: [number, number, number], ...layers: KerasLayer[]): LayerCase => ({
  title,
  input,
  model: sequential(input, layers),
});
export const wired = (title: string, input: [number, number, number], wires: Wire[], output: string): LayerCase => ({
  title,
  input,
  model: functional(input, wires, output),
});
/** As {@link stacked}, for a list of which tfjs knows only `known`. */
export const unknown = (c: LayerCase, known?: KerasLayer[]): LayerCase => ({ ...c, oracle: known ? sequential(c.input, known) : null });
