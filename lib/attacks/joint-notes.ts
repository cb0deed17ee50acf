/** What the joint probe leaves alone in a network; free of tensors. */
import type { ModelGraph } from '../model/graph';

/** Kernels of depthwise convolutions have no gradient here, and stay as they are. */
export function jointNotes({ nodes }: ModelGraph, attacks: readonly string[]): string[] {
  const left = nodes.filter(({ op }) => op.kind === 'depthwise').map(({ name }) => name);
  if (!attacks.includes('joint') || left.length === 0) return [];
  return [`joint: kernels of depthwise convolutions are left as they are: ${left.join(', ')}`];
}
