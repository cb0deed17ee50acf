/**
 * Where the official files are and what their publishers say of them: the README of Fashion-MNIST, the page of CIFAR
 * (https://www.cs.toronto.edu/~kriz/cifar.html), and for ImageNette torchvision's `datasets.Imagenette`, since its makers give none.
 */
import type { DatasetId } from './datasets';

export interface OfficialFile {
  /** Path below the data directory. */
  path: string;
  url: string;
  /** MD5 of the file as published. */
  md5: string;
}

const FASHION = 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com';
const fashion = (name: string, md5: string): OfficialFile => ({ path: `fashion-mnist/${name}`, url: `${FASHION}/${name}`, md5 });

export const OFFICIAL_FILES: Record<DatasetId, OfficialFile[]> = {
  glyphs: [], // drawn, not fetched
  'fashion-mnist': [
    fashion('train-images-idx3-ubyte.gz', '8d4fb7e6c68d591d4c3dfef9ec88bf0d'),
    fashion('train-labels-idx1-ubyte.gz', '25c81989df183df01b3e8a0aad5dffbe'),
    fashion('t10k-images-idx3-ubyte.gz', 'bef4ecab320f06d8554ea6380940ec79'),
    fashion('t10k-labels-idx1-ubyte.gz', 'bb300cfdad3c16e7a12a480ee83cd310'),
  ],
  'cifar-10': [
    {
      path: 'cifar-10-binary.tar.gz',
      url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
      md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    },
  ],
  'cifar-100': [
    {
      path: 'cifar-100-binary.tar.gz',
      url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
      md5: '03b5dce01913d631647c71ecec9e9cb8',
    },
  ],
  imagenette: [
    {
      path: 'imagenette2-160.tgz',
      url: 'https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz',
      md5: 'e793b78cc4c9e9a4ccc0c1155377a412',
    },
  ],
};
