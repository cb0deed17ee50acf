/**
 * One JPEG decoder for everybody: engines' own differ by a grey level here and there, and a split is its bytes. It is mozjpeg
 * (libjpeg's integer "islow" inverse DCT, "fancy" chroma upsampling) as plain WebAssembly, so the same file gives the same
 * pixels on every machine. Orientation tags and colour profiles are not looked at.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../failure';

const WASM = 'node_modules/@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';
/** Of @jsquash/jpeg 1.6.0. Another decoder is another data set. */
const WASM_SHA256 = 'a7c4b12169817e779ff4af137981393ae924944e167ad1bd95747c9199162d3e';

/** Sides of an image that is decoded at most; far above any data set here. */
export const MAX_SIDE = 4096;

export interface Pixels {
  width: number;
  height: number;
  /** width·height·4 bytes, row-major; grey images have R = G = B. */
  rgba: Uint8ClampedArray;
  /** What the decoder remarked on damage that it could step over. */
  warnings: string[];
}

export type JpegDecoder = (bytes: Uint8Array, file: string) => Pixels;

interface MozjpegModule {
  decode(bytes: Uint8Array, preserveOrientation: boolean): { width: number; height: number; data: Uint8ClampedArray } | null;
}
type MozjpegFactory = (options: {
  noInitialRun: boolean;
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): unknown;
  printErr(line: string): void;
}) => Promise<MozjpegModule>;

/** Looked for upwards from this file and from where the process runs: a bundled server knows only the latter. */
function wasmFile(): string {
  const starts = [import.meta.dirname, process.cwd()].filter((folder) => folder !== undefined);
  for (const start of starts) {
    for (let folder = start; ; folder = path.dirname(folder)) {
      const file = path.join(/*turbopackIgnore: true*/ folder, WASM);
      if (existsSync(/*turbopackIgnore: true*/ file)) return file;
      if (path.dirname(folder) === folder) break;
    }
  }
  throw new Failure('data-unavailable', `the JPEG decoder ${WASM} is not installed; npm ci installs it`);
}

/** A decoder of its own for each unpacking: one that has met a hopeless file is not used again. */
export async function openJpegDecoder(): Promise<JpegDecoder> {
  const bytes = readFileSync(/*turbopackIgnore: true*/ wasmFile());
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== WASM_SHA256) throw new Failure('data-unavailable', `${WASM} has SHA-256 ${sha256}, ${WASM_SHA256} expected`);
  const compiled = await WebAssembly.compile(bytes);
  const { default: factory } = (await import('@jsquash/jpeg/codec/dec/mozjpeg_dec.js')) as unknown as { default: MozjpegFactory };
  let said: string[] = [];
  const mozjpeg = await factory({
    noInitialRun: true,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(compiled, imports);
      done(instance);
      return instance.exports;
    },
    printErr: (line) => said.push(line),
  });
  return (jpeg, file) => {
    checkFrame(jpeg, file);
    said = [];
    let image: ReturnType<MozjpegModule['decode']> = null;
    try {
      image = mozjpeg.decode(jpeg, false);
    } catch (error) {
      said.push((error as Error).message ?? 'the decoder gave up');
    }
    // libjpeg would fill the missing rest with grey.
    if (said.some((line) => line.startsWith('Premature end'))) throw new Failure('data-damaged', `${file} is cut short`);
    if (!image) throw new Failure('data-damaged', `${file} could not be decoded: ${said[0] ?? 'no reason given'}`);
    return { width: image.width, height: image.height, rgba: image.data, warnings: said };
  };
}

/** The frame header, read before anything is decoded: size and number of colours. ITU-T T.81, B.2.2. */
function checkFrame(bytes: Uint8Array, file: string): void {
  const refuse = (what: string) => new Failure('data-damaged', `${file} ${what}`);
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw refuse('is not a JPEG file');
  const word = (at: number) => (bytes[at] << 8) | bytes[at + 1];
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) throw refuse(`is not a JPEG file: no marker at byte ${at}`);
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const [height, width, colours] = [word(at + 5), word(at + 7), bytes[at + 9]];
      if (colours !== 1 && colours !== 3) throw refuse(`has ${colours} colour components, 1 (grey) or 3 expected`);
      if (Math.min(width, height) < 1 || Math.max(width, height) > MAX_SIDE)
        throw refuse(`is ${width}×${height} pixels, sides of 1 to ${MAX_SIDE} expected`);
      return;
    }
    if (marker === 0xda) throw refuse('is not a JPEG file: a scan without a frame');
    // 0xff may be repeated before a marker; the others here carry their length.
    at += marker === 0xff ? 1 : 2 + word(at + 2);
  }
  throw refuse('is cut short');
}
