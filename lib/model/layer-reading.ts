/** What the reader of one layer class takes and gives. */
import type { Constant, Operation } from './graph';
import type { LayerConfig } from './layer-config';

/** An operation with the shape of its output, to be appended after the previous one. */
export interface Step {
  op: Operation;
  shape: number[];
  /** What it reads: inputs of the layer by number, or the step before. The first step reads all inputs, a later one the step before. */
  reads?: (number | 'before')[];
}
export interface Reading {
  steps: Step[];
  /** The layer ends in a softmax, which only the network's output may have. */
  softmax?: boolean;
  params: number;
}
export type WeightOf = (role: string, shape: number[]) => Constant;
/** Makes room for so many numbers that the reader computes. */
export type Room = (numbers: number) => void;
export type Reader = (config: LayerConfig, shapes: number[][], weight: WeightOf, room: Room) => Reading;
