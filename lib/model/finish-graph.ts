/** What every reader of a model does at last: limits, names for readers, pruning and folding. */
import { type Checked, LIMITS, refuse, refuseFor } from './bundle';
import { foldGraph, pruneGraph } from './fold';
import { costliestLayer, countMacs, type GraphNode, type ModelGraph } from './graph';
import type { Ledger } from './ledger';
import { printable } from './sentences';

export interface Draft {
  nodes: GraphNode[];
  /** Undefined where a reason broke the chain. */
  output: number | undefined;
  notes: string[];
  reasons: string[];
  layers: number;
  ledger: Ledger;
}

export function finishGraph({ nodes, output, notes, reasons, layers, ledger }: Draft): Checked<ModelGraph> {
  const { params, uses, largest } = ledger;
  if (uses > LIMITS.parameters) {
    const shared = params > LIMITS.parameters ? '' : ', counted at every use';
    reasons.push(
      `model.json: the model has ${shared ? uses : params} parameters${shared}; at most ${LIMITS.parameters} are accepted (the largest layer, ${largest.name}, has ${largest.params})`,
    );
  }
  if (reasons.length || output === undefined) return refuseFor(reasons);
  // The wiring is done: from here on names are for readers.
  const graph = pruneGraph({
    nodes: nodes.map((node) => ({ ...node, name: printable(node.name) })),
    output,
    notes: notes.map(printable),
    layers,
    params,
  });
  const macs = countMacs(graph);
  if (macs > LIMITS.macs) {
    const { name, macs: most } = costliestLayer(graph);
    return refuse(
      `model.json: one image costs ${macs} multiply–accumulates; at most ${LIMITS.macs} are accepted (the costliest layer, ${name}, takes ${most})`,
    );
  }
  return { ok: true, value: foldGraph(graph) };
}
