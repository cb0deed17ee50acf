import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { onEachBackend } from '../testing/backends';
import { fileOf, GRAPH_CASES, type GraphCase } from '../testing/graph-cases';
import { filesOf, inNumbers } from '../testing/graph-file';
import { graphOracle } from '../testing/graph-oracle';
import { BATCH, expectAgreement, type Trial, trialOf } from '../testing/network-oracle';
import type { ModelGraph } from './graph';
import { OPS } from './graph-ops';
import { readModel } from './preflight';

async function graphOf(files: ReadonlyMap<string, Uint8Array>): Promise<ModelGraph> {
  const read = await readModel(files);
  if (!read.ok) throw new Error(read.reasons.join('\n'));
  return read.value.graph;
}

interface Expected {
  trial: Trial;
  outputs: Float32Array;
  /** Of tfjs, where it has one, and of the float64 twin. */
  gradients: ArrayLike<number>[];
}

async function expectedOf(graphCase: GraphCase): Promise<Expected> {
  const { input, noGradient } = graphCase;
  const { g, output } = fileOf(graphCase);
  const files = g.files(output);
  const trial = trialOf(await graphOf(files));
  const { outputs, gradient } = await graphOracle(files, trial.images, [BATCH, ...input], noGradient ? undefined : trial.weights);
  return { trial, outputs, gradients: [...(gradient ? [gradient] : []), trial.exact.gradient] };
}

const expected = new Map<string, Expected>();
beforeAll(async () => {
  await openEngine('cpu', nodeHost);
  for (const c of GRAPH_CASES) expected.set(c.title, await expectedOf(c));
});

describe('the cases', () => {
  it('hold every operation that is read, and no title twice', () => {
    const ops = new Set(GRAPH_CASES.flatMap((c) => fileOf(c).g.nodes.map((n) => n.op)));
    for (const passive of ['Placeholder', 'Const', 'NoOp']) ops.delete(passive);
    ops.add('Softmax'); // tested where it is removed
    ops.add('Softsign'); // tfjs has none; its formula is tested with the kernel
    expect([...ops].sort()).toEqual([...OPS.keys()].sort());
    expect(new Set(GRAPH_CASES.map((c) => c.title)).size).toBe(GRAPH_CASES.length);
  });

  it.each(GRAPH_CASES)('are the same graph in either spelling: $title', async (graphCase) => {
    const { g, output } = fileOf(graphCase);
    const { trial } = expected.get(graphCase.title) as Expected;
    expect(await graphOf(filesOf(inNumbers(g.json(output)), g.shard()))).toEqual(trial.graph);
  });
});

onEachBackend('a graph model', () => {
  it.each(GRAPH_CASES)("computes tfjs' outputs, and the input gradient of tfjs and of float64: $title", async ({ title }) => {
    const { trial, outputs, gradients } = expected.get(title) as Expected;
    await expectAgreement(trial, outputs, gradients);
  });
});
