import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { JPEG_KINDS, type JpegKind, jpeg, ramp, withComponents } from '../testing/jpeg-files';
import { openJpegDecoder } from './jpeg';

/** 23×17 pixels, progressive, 4:2:0; our own. */
const KNOWN =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wCEAAICAgICAgICAgIDAwIDAwQDAwMDBAYEBAQEBAYJBQYFBQYFCQgJBwcHCQgOCwkJCw4QDQwNEBMRERMYFxgfHyoBAgICAgIC' +
  'AgICAgMDAgMDBAMDAwMEBgQEBAQEBgkFBgUFBgUJCAkHBwcJCA4LCQkLDhANDA0QExERExgXGB8fKv/CABEIABEAFwMBIgACEQEDEQH/xAAtAAEBAQEAAAAAAAAAAAAA' +
  'AAAABAUJAQADAQEAAAAAAAAAAAAAAAAAAwUCBv/aAAwDAQACEAMQAAAA4G102BM1DLElgnmKxqx//8QAFxABAQEBAAAAAAAAAAAAAAAAAAIDYf/aAAgBAQABPwCMUYox' +
  'RjxGKMUM0P/EABcRAQEBAQAAAAAAAAAAAAAAAAEAAhD/2gAIAQIBAT8AGGzz/8QAHBEAAgICAwAAAAAAAAAAAAAAAAQBIQIxAyIy/9oACAEDAQE/AFmdWYMdYsW3Bx+Y' +
  'P//Z';

const damaged = (message: RegExp) => expect.objectContaining({ code: 'data-damaged', message: expect.stringMatching(message) });

describe('the JPEG decoder', () => {
  it('gives the same bytes for a known file everywhere: they are part of what a data set is', async () => {
    const decode = await openJpegDecoder();
    for (let again = 0; again < 2; again++) {
      const { width, height, rgba, warnings } = decode(Buffer.from(KNOWN, 'base64'), 'known');
      expect([width, height, warnings]).toEqual([23, 17, []]);
      expect(createHash('sha256').update(rgba).digest('hex')).toBe('37a3e35a7b072aa2b241cd0e364cb65f3f7870be2dcac58b8d7fc7ef93f6a5af');
    }
  });

  it.each(Object.keys(JPEG_KINDS) as JpegKind[])('comes close to the pixels that were encoded: %s', async (kind) => {
    const { width, height, rgba } = (await openJpegDecoder())(await jpeg(40, 24, kind, 60), 'f');
    expect([width, height, rgba.length]).toEqual([40, 24, 40 * 24 * 4]);
    let worst = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [r, g, b] = rgba.subarray(4 * (y * width + x));
        const [red, green, blue] = ramp(x, y, 60);
        const wanted = kind === 'grey' ? Array(3).fill(0.299 * red + 0.587 * green + 0.114 * blue) : [red, green, blue];
        worst = Math.max(worst, ...[r, g, b].map((v, c) => Math.abs(v - wanted[c])));
        if (kind === 'grey') expect([g, b]).toEqual([r, r]);
      }
    }
    // Quartered chroma costs most at the edges of a ramp; a wrong channel order would cost 60.
    expect(worst).toBeLessThan(12);
  });

  it.each([
    ['nothing', async () => new Uint8Array(), /^a\.JPEG is not a JPEG file$/],
    ['a PNG', async () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /^a\.JPEG is not a JPEG file$/],
    ['a head alone', async () => (await jpeg(16, 16)).subarray(0, 60), /^a\.JPEG is cut short$/],
    ['half of the pixels', async () => (await jpeg(160, 160)).subarray(0, -300), /^a\.JPEG is cut short$/],
    [
      'half of a progressive one',
      async () => ((f) => f.subarray(0, f.length / 2))(await jpeg(160, 160, 'progressive')),
      /^a\.JPEG is cut short$/,
    ],
    ['four colours', async () => withComponents(await jpeg(16, 16), 4), /^a\.JPEG has 4 colour components, 1 \(grey\) or 3 expected$/],
    ['sides of thousands', async () => jpeg(4097, 1), /^a\.JPEG is 4097×1 pixels, sides of 1 to 4096 expected$/],
    [
      'a scan without a frame',
      async () => Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0x3f, 0, 0, 0),
      /a scan without a frame$/,
    ],
    ['no tables', async () => Uint8Array.of(0xff, 0xd8, ...(await jpeg(16, 16)).subarray(-200)), /^a\.JPEG is not a JPEG file: no marker/],
  ])('refuses by name: %s', async (_, bytes, message) => {
    const file = await bytes();
    const decode = await openJpegDecoder();
    expect(() => decode(file, 'a.JPEG')).toThrow(damaged(message));
  });

  it('steps over damage inside the pixels as libjpeg does, and says so', async () => {
    const file = await jpeg(160, 160, 'RGB 4:4:4');
    file.fill(0x55, file.length - 200, file.length - 150);
    expect((await openJpegDecoder())(file, 'f').warnings.length).toBeGreaterThan(0);
  });
});
