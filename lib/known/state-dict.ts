/** What stands in a state_dict besides the network: wrappers' prefixes, counters, and the normalisation of the pixels. */
import { elements } from '../model/graph';
import type { Tensor } from './safetensors';

export interface StateDict {
  tensors: Map<string, Tensor>;
  /** What stood before the network's names, with its dot, e.g. `module.`; '' where nothing did. */
  prefix: string;
}

/**
 * The tensors under the names that the network itself gives them: DataParallel, Sequential(normalise, net) and the like put
 * a prefix before `head`, the last layer's kernel. Batch norm's counters are left out.
 */
export function plainNames(tensors: ReadonlyMap<string, Tensor>, head: string): StateDict {
  const heads = [...tensors.keys()].filter((name) => name === head || name.endsWith(`.${head}`));
  const prefix = heads.length === 1 ? heads[0].slice(0, -head.length) : '';
  const own = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const kept = [...tensors].filter(([name]) => !/(^|\.)num_batches_tracked$/.test(name));
  return { tensors: new Map(kept.map(([name, tensor]) => [own(name), tensor])), prefix };
}

export interface Normalization {
  /** One number a channel, of pixels in [0, 1]. */
  mean: readonly number[];
  std: readonly number[];
}

/** Names of a module's buffers (x − mean)/std in public code. */
const PAIRS = [
  ['mean', 'std'],
  ['mean', 'sd'],
  ['mu', 'sigma'],
  ['mu', 'std'],
  ['means', 'stds'],
  ['new_mean', 'new_std'],
] as const;

export interface FoundNormalization extends Normalization {
  /** Names of the two tensors. */
  names: readonly [string, string];
}

/** Of tensors that the network has no place for, those that are its normalisation: two side by side, of one number a channel. */
export function findNormalization(extra: ReadonlyMap<string, Tensor>, channels: number): FoundNormalization | undefined {
  const numbers = (name: string) => {
    const tensor = extra.get(name);
    return tensor && elements(tensor.shape) === channels ? tensor.floats() : undefined;
  };
  for (const name of extra.keys()) {
    const scope = name.slice(0, name.lastIndexOf('.') + 1);
    for (const [first, second] of PAIRS) {
      if (name !== scope + first) continue;
      const [mean, std] = [numbers(name), numbers(scope + second)];
      if (mean && std) return { mean: [...mean], std: [...std], names: [name, scope + second] };
    }
  }
  return undefined;
}
