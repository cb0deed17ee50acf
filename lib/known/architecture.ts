/**
 * A published network as data: tfjs layers and, for each of their weights, the tensor of PyTorch's state_dict that it is.
 * One file per network; each states what PyTorch does where Keras' defaults differ (padding, epsilon).
 */

/** height, width, channels */
export type ImageShape = readonly [number, number, number];

/** `conv`: [out, in, height, width] becomes [height, width, in, out]; `linear`: [out, in] becomes [in, out]. */
export type Layout = 'same' | 'conv' | 'linear';

export interface Source {
  /** Name in the state_dict. */
  tensor: string;
  /** As PyTorch has it. */
  shape: readonly number[];
  layout: Layout;
}

export interface KnownLayer {
  className: string;
  config: { name: string } & Record<string, unknown>;
  /** Layers it reads; absent: the one before it. */
  inputs?: readonly string[];
  /** By role, as Keras names them. */
  sources?: Record<string, Source>;
}

export interface BuildOptions {
  input: ImageShape;
  classes: number;
  /** Shape of a tensor in the file, if it is there: widths and optional layers are the file's word. */
  shapeOf(tensor: string): readonly number[] | undefined;
}

export interface Architecture {
  id: string;
  title: string;
  /** What the network is given where nothing else is said. */
  input: ImageShape;
  /** The last layer's kernel, found in the file whatever stands before its name. */
  head: string;
  build(options: BuildOptions): KnownLayer[];
}

interface ConvOptions {
  channels: number;
  filters: number;
  window: number;
  stride?: number;
  bias?: boolean;
  inputs?: readonly string[];
}

/**
 * PyTorch pads (window − 1)/2 rows on every side. Keras' `same` does so too at stride 1; at stride 2 it would leave the
 * first side out, so the padding is a layer of its own there.
 */
export function conv(name: string, { channels, filters, window, stride = 1, bias = false, inputs }: ConvOptions): KnownLayer[] {
  const pad = (window - 1) / 2;
  const apart = stride > 1 && pad > 0;
  return [
    ...(apart ? [plain('ZeroPadding2D', `${name}.pad`, { padding: [pad, pad], data_format: 'channels_last' }, inputs)] : []),
    {
      className: 'Conv2D',
      config: {
        ...{ name, trainable: true, dtype: 'float32', filters, kernel_size: [window, window], strides: [stride, stride] },
        ...{ padding: stride > 1 ? 'valid' : 'same', data_format: 'channels_last', dilation_rate: [1, 1] },
        ...{ activation: 'linear', use_bias: bias },
      },
      ...(inputs && !apart ? { inputs } : {}),
      sources: {
        kernel: { tensor: `${name}.weight`, shape: [filters, channels, window, window], layout: 'conv' },
        ...(bias ? { bias: { tensor: `${name}.bias`, shape: [filters], layout: 'same' } as const } : {}),
      },
    },
  ];
}

/** With PyTorch's ε. */
export function batchNorm(name: string, channels: number, inputs?: readonly string[]): KnownLayer {
  const vector = (tensor: string): Source => ({ tensor: `${name}.${tensor}`, shape: [channels], layout: 'same' });
  return {
    className: 'BatchNormalization',
    config: { name, trainable: true, dtype: 'float32', axis: -1, momentum: 0.9, epsilon: 1e-5, center: true, scale: true },
    ...(inputs ? { inputs } : {}),
    sources: {
      gamma: vector('weight'),
      beta: vector('bias'),
      moving_mean: vector('running_mean'),
      moving_variance: vector('running_var'),
    },
  };
}

export const linear = (name: string, features: number, units: number): KnownLayer => ({
  className: 'Dense',
  config: { name, trainable: true, dtype: 'float32', units, activation: 'linear', use_bias: true },
  sources: {
    kernel: { tensor: `${name}.weight`, shape: [units, features], layout: 'linear' },
    bias: { tensor: `${name}.bias`, shape: [units], layout: 'same' },
  },
});

/** A layer without weights. */
export const plain = (className: string, name: string, config: Record<string, unknown> = {}, inputs?: readonly string[]): KnownLayer => ({
  className,
  config: { name, trainable: true, dtype: 'float32', ...config },
  ...(inputs ? { inputs } : {}),
});

export const relu = (name: string): KnownLayer => plain('Activation', name, { activation: 'relu' });

export const maxPool = (name: string, window: number, stride = window): KnownLayer =>
  plain('MaxPooling2D', name, {
    ...{ pool_size: [window, window], strides: [stride, stride], padding: 'valid', data_format: 'channels_last' },
  });

/** The mean over the whole image: the features. */
export const globalMean = (name = 'mean'): KnownLayer => plain('GlobalAveragePooling2D', name, { data_format: 'channels_last' });
