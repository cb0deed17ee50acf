/** The operations of a graph model that are read; anything else is refused by name. */
import { ELEMENTWISE_OPS } from './graph-elementwise';
import { KERNEL_OPS } from './graph-kernels';
import type { OpReader } from './graph-node';
import { SHAPE_OPS } from './graph-shapes';

export const OPS: ReadonlyMap<string, OpReader> = new Map(Object.entries({ ...KERNEL_OPS, ...ELEMENTWISE_OPS, ...SHAPE_OPS }));

const CONTROL =
  /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|(Stateless)?(If|While)|(Stateful)?PartitionedCall|Case)$|^TensorList|^TensorArray/;
const TABLES = /HashTable|Lookup|^VarHandleOp$|ReadVariable/;

/** Kinds of operations that are met in exported classifiers, and what would be right. */
const ADVICE: [RegExp, string][] = [
  [CONTROL, 'control flow is not supported; export the inference graph, frozen and flat'],
  [TABLES, 'tables and variables are not supported; freeze the graph'],
  [/^MirrorPad$/, 'padding by reflection is not supported; pad with zeros'],
  [/^Transpose$/, 'changes of layout are not supported; export the model as NHWC throughout, Flatten included'],
  [
    /^(Slice|Split|SplitV|Unpack|GatherV2|GatherNd|Tile)$/,
    'parts and copies of a tensor are not supported; use convolutions, pools and ConcatV2',
  ],
  [/^(SpaceToBatchND|BatchToSpaceND)$/, 'a convolution dilated by moving pixels into the batch is not supported; state its dilations'],
  [/^(SpaceToDepth|DepthToSpace)$/, 'moving pixels into channels is not supported; use a convolution with strides'],
  [/^(Resize|CropAndResize)/, "resizing is not supported; the model must take images of the board's size"],
  [
    /^(BatchMatMul(V2|V3)?|Einsum)$/,
    'products of two matrices that depend on the image (attention) are not supported; MatMul by a constant is',
  ],
  [/^(ArgMax|TopKV2|OneHot)$/, 'the output must be logits or a softmax, not classes'],
  [/^(LogSoftmax|LRN|L2Loss)$/, 'this normalisation is not supported; end in logits or in Softmax, use batch norms'],
  [/^(Random|Stateless(Random|Truncated)|TruncatedNormal|Multinomial)/, 'draws at random; export the graph for inference'],
  [/^(Cast|Bitcast)$/, 'types must not change; the input must be float32, pixels in [0, 1]'],
  [/^(Decode|String|Regex|Parse|AsString)/, 'files and strings are not supported; the input must be the pixels'],
  [/^(Quantize|Dequantize|FakeQuant|Requantize)/, 'quantisation inside the graph is not supported; let the converter quantise the weights'],
  [/^(Conv2DBackpropInput|Conv3D|Conv1D)/, 'only convolutions of images, Conv2D and DepthwiseConv2dNative, are supported'],
];

/** What to do about an operation that is not in the table. */
export function unknownOp(op: string): string {
  return ADVICE.find(([kind]) => kind.test(op))?.[1] ?? `${op} is not a supported operation`;
}

/** Operations that work on other types than float32; of the rest, attribute T must say DT_FLOAT. */
export const ANY_TYPE = new Set(['Identity', 'Shape', 'StridedSlice', 'Pack', 'ConcatV2']);

/** Operations that are no layers of their own. */
export const NO_LAYER = new Set(['Identity', 'BiasAdd', 'Shape', 'StridedSlice', 'Pack']);
