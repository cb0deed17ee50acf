'use client';

import { useEffect, useRef } from 'react';

interface Props {
  /** In [0, 1], height × width × channels (1 or 3). */
  pixels: Float32Array;
  shape: readonly [number, number, number];
  label: string;
}

/** An image of a data set, its pixels kept sharp. */
export function Picture({ pixels, shape: [height, width, channels], label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = 255 * pixels[i * channels + (channels === 3 ? c : 0)];
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [pixels, width, height, channels]);
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      role="img"
      aria-label={label}
      className="aspect-square w-1/3 rounded [image-rendering:pixelated]"
    />
  );
}
