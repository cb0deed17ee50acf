/** The operations of a graph model that are read; anything else is refused by name. */
import { ELEMENTWISE_OPS } from './graph-elementwise';
import { KERNEL_OPS } from './graph-kernels';
import type { OpReader } from './graph-node';
import { SHAPE_OPS } from './graph-shapes';

export const OPS: ReadonlyMap<string, OpReader> = new Map(Object.entries({ ...KERNEL_OPS, ...ELEMENTWISE_OPS, ...SHAPE_OPS }));

const CONTROL =
  /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|(Stateless)?(If|While)|(Stateful)?PartitionedCall|Case)$|^TensorList|^TensorArray/;
const TABLES = /HashTable|Lookup|^VarHandleOp$|ReadVariable/;

/** What to do about an operation that is not in the table. */
export function unknownOp(op: string): string {
  if (CONTROL.test(op)) return 'control flow is not supported; export the inference graph, frozen and flat';
  if (TABLES.test(op)) return 'tables and variables are not supported; freeze the graph';
  return `${op} is not a supported operation`;
}

/** Operations that work on other types than float32; of the rest, attribute T must say DT_FLOAT. */
export const ANY_TYPE = new Set(['Identity', 'Shape', 'StridedSlice', 'Pack', 'ConcatV2']);

/** Operations that are no layers of their own. */
export const NO_LAYER = new Set(['Identity', 'BiasAdd', 'Shape', 'StridedSlice', 'Pack']);
