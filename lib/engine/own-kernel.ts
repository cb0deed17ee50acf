/**
 * One definition, three backends: a small kernel of our own is a typed-array loop (used in place on the wasm heap and on
 * the cpu backend) and a WGSL body (WebGPU). tfjs looks kernels up by name and backend, so callers never ask which.
 */
import * as tf from '@tensorflow/tfjs-core';

export interface Uniform {
  name: string;
  type: 'float32' | 'int32';
  value: number;
}

export interface OwnKernel<Attributes> {
  name: string;
  /** Variable names in WGSL, in the order in which the tensors are passed. */
  inputs: readonly string[];
  outputShape(shapes: number[][], attributes: Attributes): number[];
  /** The reference loop. `out` is zero-filled. Reads and writes float32; inner sums in float64 where it says so. */
  loop(inputs: Float32Array[], out: Float32Array, shapes: number[][], attributes: Attributes): void;
  wgsl: {
    uniforms(shapes: number[][], attributes: Attributes): Uniform[];
    /** Extra functions and the statements of `fn main(index : i32)` for `index < uniforms.size`. */
    body(attributes: Attributes): { functions?: string; main: string };
    /** Attributes that change the text of the shader, for the pipeline cache. */
    variant?(attributes: Attributes): string;
  };
}

interface WasmLike {
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
}
interface CpuLike {
  data: { get(id: object): { values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
}
interface WebGpuLike {
  runWebGPUProgram(program: object, inputs: tf.TensorInfo[], dtype: 'float32', uniforms: { type: string; data: number[] }[]): tf.TensorInfo;
}

type KernelArguments<A> = { inputs: Record<string, tf.TensorInfo>; attrs: A; backend: unknown };

const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** Registers the kernel on every backend and returns the function that runs it on the current one. */
export function defineKernel<A extends object>(kernel: OwnKernel<A>): (inputs: tf.Tensor[], attributes: A) => tf.Tensor {
  const ordered = (inputs: Record<string, tf.TensorInfo>) => kernel.inputs.map((name) => inputs[name]);
  const register = (backendName: string, run: (args: KernelArguments<A>) => tf.TensorInfo) => {
    if (tf.getKernel(kernel.name, backendName)) return; // a hot reload defines it again
    tf.registerKernel({
      kernelName: kernel.name,
      backendName,
      kernelFunc: (args) => run(args as unknown as KernelArguments<A>),
    });
  };

  register('wasm', ({ inputs, attrs, backend }) => {
    const wasm = backend as WasmLike;
    const tensors = ordered(inputs);
    const shapes = tensors.map((t) => t.shape);
    const output = wasm.makeOutput(kernel.outputShape(shapes, attrs), 'float32');
    // Views are taken after the allocation: growing the heap detaches older ones.
    const out = wasm.typedArrayFromHeap(output).fill(0);
    kernel.loop(
      tensors.map((t) => wasm.typedArrayFromHeap(t)),
      out,
      shapes,
      attrs,
    );
    return output;
  });

  register('cpu', ({ inputs, attrs, backend }) => {
    const cpu = backend as CpuLike;
    const tensors = ordered(inputs);
    const shapes = tensors.map((t) => t.shape);
    const shape = kernel.outputShape(shapes, attrs);
    const out = new Float32Array(size(shape));
    kernel.loop(
      tensors.map((t) => cpu.data.get(t.dataId as object).values),
      out,
      shapes,
      attrs,
    );
    return cpu.makeTensorInfo(shape, 'float32', out);
  });

  register('webgpu', ({ inputs, attrs, backend }) => {
    const tensors = ordered(inputs);
    const shapes = tensors.map((t) => t.shape);
    const shape = kernel.outputShape(shapes, attrs);
    const uniforms = kernel.wgsl.uniforms(shapes, attrs);
    const { functions = '', main } = kernel.wgsl.body(attrs);
    const groups = Math.ceil(size(shape) / 64);
    const perRow = Math.min(groups, 65535);
    const program = {
      variableNames: [...kernel.inputs],
      outputShape: shape,
      workgroupSize: [64, 1, 1],
      dispatchLayout: { x: shape.map((_, i) => i) },
      dispatch: [perRow, Math.ceil(groups / perRow), 1],
      size: true,
      shaderKey: `${kernel.name}_${kernel.wgsl.variant?.(attrs) ?? ''}`,
      uniforms: uniforms.map((u) => `${u.name} : ${u.type === 'float32' ? 'f32' : 'i32'},`).join(' '),
      // Every input is touched, or the pipeline's automatic layout leaves its binding out.
      getUserCode: () =>
        `${functions}\nfn main(index : i32) { ${kernel.inputs.map((n) => `_ = ${n}[0];`).join(' ')} if (index < uniforms.size) {\n${main}\n} }`,
    };
    return (backend as WebGpuLike).runWebGPUProgram(
      program,
      tensors,
      'float32',
      uniforms.map((u) => ({ type: u.type, data: [u.value] })),
    );
  });

  return (inputs, attributes) => {
    const named: Record<string, tf.Tensor> = {};
    kernel.inputs.forEach((name, i) => {
      named[name] = inputs[i];
    });
    return tf.engine().runKernel(kernel.name, named as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor;
  };
}
