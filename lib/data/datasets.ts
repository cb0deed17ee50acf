/** The data sets that boards are made of. A split *is* its decoded bytes: uint8 NHWC images, then labels, in file order. */
import type { Split } from '../random';
import { CIFAR_100_CLASSES, IMAGENETTE_CLASSES } from './class-names';
import { GLYPH_NAMES } from './glyphs';

export type DatasetId = 'fashion-mnist' | 'cifar-10' | 'cifar-100' | 'imagenette' | 'glyphs';

export interface Dataset {
  id: DatasetId;
  title: string;
  /** height, width, channels */
  shape: readonly [number, number, number];
  classNames: readonly string[];
  /** Records of the official splits. */
  records: Record<Split, number>;
  /** SHA-256 of the official decoded splits, where they could be computed from official bytes. */
  officialSha256: Partial<Record<Split, string>>;
}

export const DATASETS: Record<DatasetId, Dataset> = {
  'fashion-mnist': {
    id: 'fashion-mnist',
    title: 'Fashion-MNIST',
    shape: [28, 28, 1],
    classNames: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
    records: { train: 60000, test: 10000 },
    officialSha256: {
      train: '16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157',
      test: '9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4',
    },
  },
  'cifar-10': {
    id: 'cifar-10',
    title: 'CIFAR-10',
    shape: [32, 32, 3],
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    records: { train: 50000, test: 10000 },
    officialSha256: {},
  },
  'cifar-100': {
    id: 'cifar-100',
    title: 'CIFAR-100',
    shape: [32, 32, 3],
    classNames: CIFAR_100_CLASSES,
    records: { train: 50000, test: 10000 },
    officialSha256: {},
  },
  imagenette: {
    id: 'imagenette',
    title: 'ImageNette',
    shape: [160, 160, 3],
    classNames: IMAGENETTE_CLASSES.map(([, name]) => name),
    records: { train: 9469, test: 3925 },
    officialSha256: {},
  },
  glyphs: {
    id: 'glyphs',
    title: 'Glyphs',
    shape: [28, 28, 1],
    classNames: GLYPH_NAMES,
    records: { train: 60000, test: 10000 },
    officialSha256: {
      train: 'a415a14294a5da7f2b9705aa28202217e145cf093a3f3745bc415121f43848af',
      test: '8f2d4fa87301c27d2ae657716dc21a3d8e78362449f99fb4be226d9f3dce664d',
    },
  },
};

export const imageBytes = (d: Dataset) => d.shape[0] * d.shape[1] * d.shape[2];

/** Decoded records: `labels.length` images of uint8 NHWC. */
export interface Records {
  images: Uint8Array;
  labels: Uint8Array;
}

export interface SplitInfo {
  sha256: string;
  records: number;
  /** The bytes are those the board is defined on. */
  official: boolean;
}

/** Where an evaluation gets its images. Reads are of consecutive records in file order. */
export interface DataSource {
  info(split: Split): Promise<SplitInfo>;
  read(split: Split, first: number, count: number): Promise<Records>;
}
