/** What the reader of one operation of a graph model sees: its inputs as read so far, and where its own steps go. */
import type { Activation } from '../engine/kernels/activation';
import { LIMITS } from './bundle';
import type { Constant, GraphNode, Operation } from './graph';
import type { Attributes, NodeDef } from './graph-def';
import { LayerRefusal } from './layer-config';
import { BeyondLimits, checkOutput, Ledger } from './ledger';
import { repeatsAlong } from './product';

/** A size in a shape; `null` is the number of images. */
export type Size = number | null;

/** What a node of the file stands for. */
export type Value =
  /** Depends on the image. `softmax`: the name of the softmax that was left out behind it. */
  | { kind: 'tensor'; node: number; softmax?: string }
  | { kind: 'floats'; constant: Constant }
  | { kind: 'integers'; shape: number[]; values: Size[] };

export interface Step {
  op: Operation;
  shape: number[];
}

/** The network that grows while a graph is read. */
export class GraphDraft {
  readonly nodes: GraphNode[] = [];
  readonly ledger = new Ledger();
  layers = 0;
  /** The file states one image a batch: a 1 in the batch's place means the batch. */
  single = false;
  private readonly counted = new Set<Float32Array>();
  private readonly turned = new Map<Constant, Constant>();

  count(name: string, constants: readonly Constant[]): void {
    let [here, fresh] = [0, 0];
    for (const { values } of constants) {
      here += values.length;
      if (!this.counted.has(values)) fresh += values.length;
      this.counted.add(values);
    }
    this.ledger.count(name, here, fresh);
    const { uses, largest } = this.ledger;
    if (uses > LIMITS.parameters) {
      const { name: most, params } = largest;
      throw new BeyondLimits(
        `model.json: the model has ${uses} parameters or more; at most ${LIMITS.parameters} are accepted (the largest node, ${most}, has ${params})`,
      );
    }
  }

  /** A matrix with its axes swapped, once for all who read it. */
  transposed(matrix: Constant): Constant {
    const known = this.turned.get(matrix);
    if (known) return known;
    const [rows, cols] = matrix.shape;
    const values = new Float32Array(rows * cols);
    const tile = 64; // a large matrix read row by row and written column by column would miss the cache at every number
    for (let top = 0; top < rows; top += tile) {
      for (let left = 0; left < cols; left += tile) {
        const [bottom, right] = [Math.min(top + tile, rows), Math.min(left + tile, cols)];
        for (let r = top; r < bottom; r++) for (let c = left; c < right; c++) values[c * rows + r] = matrix.values[r * cols + c];
      }
    }
    const turned = { shape: [cols, rows], values };
    this.turned.set(matrix, turned);
    return turned;
  }
}

const KINDS = { tensor: 'what depends on the image', floats: 'a float32 constant', integers: 'whole numbers' } as const;

export class NodeReader {
  readonly name: string;
  readonly op: string;
  readonly attributes: Attributes;
  constructor(
    { name, op, attributes }: NodeDef,
    readonly inputs: readonly Value[],
    readonly draft: GraphDraft,
  ) {
    this.name = name;
    this.op = op;
    this.attributes = attributes;
  }

  readonly refuse = (message: string): never => {
    throw new LayerRefusal(`node ${this.name} (${this.op}): ${message}`);
  };

  arity(least: number, most = least): void {
    const n = this.inputs.length;
    if (n < least || n > most) this.refuse(`takes ${least === most ? least : `${least} to ${most}`} inputs, got ${n}`);
  }

  private input<K extends Value['kind']>(i: number, kind: K): Extract<Value, { kind: K }> {
    const value = this.inputs.at(i) as Value;
    if (value.kind !== kind) this.refuse(`input ${i < 0 ? this.inputs.length + i : i} must be ${KINDS[kind]}, got ${KINDS[value.kind]}`);
    return value as Extract<Value, { kind: K }>;
  }

  /** Index of the node that computes an input. */
  tensor(i: number): number {
    const { node, softmax } = this.input(i, 'tensor');
    if (softmax !== undefined) throw new LayerRefusal(`node ${softmax}: a softmax is supported only as the network's output`);
    return node;
  }

  /** Without the batch. */
  shape(i: number): number[] {
    return this.draft.nodes[this.tensor(i)].shape;
  }

  image(i: number): [number, number, number] {
    const shape = this.shape(i);
    if (shape.length !== 3) this.refuse(`needs an image [height, width, channels] as input, got [${shape}]`);
    return shape as [number, number, number];
  }

  floats(i: number): Constant {
    return this.input(i, 'floats').constant;
  }

  /** A constant with one value for each channel. */
  perChannel(i: number, channels: number): Constant {
    const constant = this.floats(i);
    if (constant.shape.join() !== String(channels)) this.refuse(`input ${i} has shape [${constant.shape}], [${channels}] expected`);
    return constant;
  }

  sizes(i: number): { shape: number[]; values: Size[] } {
    return this.input(i, 'integers');
  }

  /** Whole numbers in which the batch has no place. */
  integers(i: number): number[] {
    const { values } = this.sizes(i);
    if (values.includes(null)) this.refuse(`input ${i} depends on the number of images`);
    return values as number[];
  }

  /** Appends the node's steps, each but the first reading the one before; the last one carries its name. */
  append(from: readonly number[], ...steps: Step[]): Value {
    const last = steps[steps.length - 1];
    const inputs = steps.slice(0, -1).reduce((at, step) => [this.push(step, at, true)], [...from]);
    return { kind: 'tensor', node: this.push(last, inputs, false) };
  }

  push({ op, shape }: Step, inputs: number[], inner: boolean): number {
    checkOutput(shape, this.refuse);
    if (op.kind === 'affine' && ![op.scale, op.shift].every((list) => list.every(Number.isFinite)))
      this.refuse('its scale and shift must be finite numbers');
    const { nodes } = this.draft;
    nodes.push({ name: inner ? `${this.name}/${op.kind}` : this.name, inner, op, inputs, shape });
    return nodes.length - 1;
  }

  /** scale·x + shift, each a function of the channel. */
  affine(from: number, scale: (c: number) => number, shift: (c: number) => number): Step {
    const { shape } = this.draft.nodes[from];
    const length = shape[shape.length - 1];
    this.draft.ledger.compute(2 * length);
    const vector = (f: (c: number) => number) => new Float32Array(length).map((_, c) => f(c));
    return { op: { kind: 'affine', scale: vector(scale), shift: vector(shift), relu: false }, shape };
  }

  activation(activation: Activation, from = this.tensor(0)): Value {
    return this.append([from], { op: { kind: 'activation', activation }, shape: this.draft.nodes[from].shape });
  }

  /** A leaky ReLU with slopes of its own for each channel or place. */
  prelu(alpha: Constant, shape: number[]): Step {
    if (!repeatsAlong(shape, alpha.shape))
      this.refuse(`its slopes have shape [${alpha.shape}]; one number, one for each channel or one for each place of [${shape}] is needed`);
    this.parameters(alpha);
    return { op: { kind: 'prelu', alpha: alpha.values }, shape };
  }

  parameters(...constants: (Constant | undefined)[]): void {
    this.draft.count(
      this.name,
      constants.filter((c) => c !== undefined),
    );
  }
}

export type OpReader = (node: NodeReader) => Value;
