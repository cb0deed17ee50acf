'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';

/** What of a drawing comes from the page around it, and has to go with it into a file. */
const PAINTS = ['fill', 'stroke'] as const;

/** Any colour that a browser computes in the form that every reader of SVG knows. */
function plainColour(colour: string): string {
  const context = /^(rgba?\(|#|none)/.test(colour) ? null : document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!context) return colour;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return `rgb(${r}, ${g}, ${b})`;
}

/** The drawing as a file of its own: colours as the reader sees them, on the page's ground. */
export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const { fontFamily, backgroundColor } = getComputedStyle(document.body);
  const [, , width, height] = (svg.getAttribute('viewBox') ?? '0 0 600 400').split(' ');
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', width);
  copy.setAttribute('height', height);
  copy.setAttribute('font-family', fontFamily);
  copy.setAttribute('font-size', getComputedStyle(svg).fontSize);
  copy.removeAttribute('class');
  const theirs = [...svg.querySelectorAll('*')];
  for (const [i, element] of [...copy.querySelectorAll('*')].entries()) {
    element.removeAttribute('class');
    for (const name of PAINTS)
      if (element.getAttribute(name)?.includes('var(')) element.setAttribute(name, plainColour(getComputedStyle(theirs[i])[name]));
    const address = element.getAttribute('href');
    if (address?.startsWith('/')) element.setAttribute('href', new URL(address, location.href).href);
  }
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ width, height, fill: backgroundColor })) ground.setAttribute(name, value);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

/** Pixels of a saved picture for each of the drawing's. */
const SHARPNESS = 3;

/** The drawing as pixels, three times as many each way as on screen. */
export async function asPng(svg: SVGSVGElement): Promise<Blob> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([standalone(svg)], { type: 'image/svg+xml' }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width * SHARPNESS;
    canvas.height = image.height * SHARPNESS;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser could not draw the picture');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('this browser could not write the picture as PNG'))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

const FORMATS = [
  { name: 'SVG', extension: 'svg', write: async (svg: SVGSVGElement) => new Blob([standalone(svg)], { type: 'image/svg+xml' }) },
  { name: 'PNG', extension: 'png', write: asPng },
] as const;

/** Saves the figure's drawing that is on screen. */
export function SaveFigure({ title }: { title: string }) {
  const [problem, setProblem] = useState<string>();
  const save = async (button: HTMLElement, { extension, write }: (typeof FORMATS)[number]) => {
    const drawings = [...(button.closest('figure')?.querySelectorAll('svg') ?? [])];
    const svg = drawings.find((d) => d.getBoundingClientRect().width > 0);
    if (!svg) return;
    setProblem(undefined);
    const url = URL.createObjectURL(await write(svg));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')}.${extension}`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <span className="whitespace-nowrap print:hidden">
      {problem ? (
        <span role="alert" className="text-xs font-normal text-bad">
          {problem}
        </span>
      ) : null}
      {FORMATS.map((format) => (
        <Button
          key={format.name}
          aria-label={`Save “${title}” as ${format.name}`}
          title={`Save as ${format.name}`}
          onClick={(event) => save(event.currentTarget, format).catch((error: Error) => setProblem(error.message))}
          className="rounded px-1.5 text-xs font-normal text-muted hover:bg-panel hover:text-fg"
        >
          {format.name}
        </Button>
      ))}
    </span>
  );
}
