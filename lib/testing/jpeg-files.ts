/** Small JPEG files of several kinds, and an ImageNette made of them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tarGz } from './data-files';

const ENCODER = path.resolve(import.meta.dirname, '../../node_modules/@jsquash/jpeg/codec/enc');

/** grey, full and quartered chroma, all scans at once or one after another. */
export const JPEG_KINDS = {
  grey: { color_space: 1, progressive: false },
  'RGB 4:4:4': { auto_subsample: false, chroma_subsample: 1, progressive: false },
  'RGB 4:2:0': { auto_subsample: false, chroma_subsample: 2, progressive: false },
  progressive: { auto_subsample: false, chroma_subsample: 2, progressive: true },
} as const;
export type JpegKind = keyof typeof JPEG_KINDS;

type Encode = (image: ImageData, options: object) => Promise<ArrayBuffer>;
let encoder: Promise<Encode> | undefined;

async function openEncoder(): Promise<Encode> {
  const { default: encode, init } = await import('@jsquash/jpeg/encode.js');
  const compiled = await WebAssembly.compile(readFileSync(path.join(ENCODER, 'mozjpeg_enc.wasm')));
  await (init as unknown as (module: WebAssembly.Module) => Promise<void>)(compiled);
  return encode as Encode;
}

/** The pixel at (x, y) of every test image: gentle ramps, which JPEG keeps within a few grey levels. */
export const ramp = (x: number, y: number, shift = 0): [number, number, number] => [
  Math.min(255, x + shift),
  Math.min(255, y + shift),
  Math.min(255, (x + y) >> 1),
];

export async function jpeg(width: number, height: number, kind: JpegKind = 'RGB 4:2:0', shift = 0): Promise<Uint8Array> {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set([...ramp(x, y, shift), 255], 4 * (y * width + x));
  encoder ??= openEncoder();
  const encode = await encoder;
  const image = { data, width, height, colorSpace: 'srgb' } as ImageData;
  return new Uint8Array(await encode(image, { quality: 95, ...JPEG_KINDS[kind] }));
}

/** The file with another number of colour components in its frame header. */
export function withComponents(file: Uint8Array, components: number): Uint8Array {
  const out = Uint8Array.from(file);
  for (let at = 2; ; at += 2 + ((out[at + 2] << 8) | out[at + 3])) {
    if (out[at + 1] < 0xc0 || out[at + 1] > 0xc2) continue;
    out[at + 9] = components;
    return out;
  }
}

/** An archive of ImageNette with these entries below `imagenette2-160/`, as it would lie in a data directory. */
export async function imagenetteFiles(entries: readonly (readonly [string, Uint8Array])[]): Promise<Map<string, Uint8Array>> {
  return new Map([['imagenette2-160.tgz', await tarGz(new Map(entries.map(([name, bytes]) => [`imagenette2-160/${name}`, bytes])))]]);
}
