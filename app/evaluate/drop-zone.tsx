'use client';

import { useId, useState } from 'react';

interface Props {
  title: string;
  /** What was chosen last. */
  files: File[] | undefined;
  onFiles(files: File[]): void;
  disabled: boolean;
}

/** Takes a model's files: dropped, or chosen by keyboard. */
export function DropZone({ title, files: own, onFiles, disabled }: Props) {
  const id = useId();
  const [over, setOver] = useState(false);
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])];
    if (files.length && !disabled) onFiles(files);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an addition; the file input inside does the same with keyboard and screen reader.
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
      className={`rounded-lg border border-dashed p-4 ${over || own ? 'border-accent ring-1 ring-accent' : 'border-line'}`}
    >
      <label htmlFor={id} className="font-medium">
        {title}
      </label>
      <p className="mt-1 text-sm text-muted">
        Drop <code className="font-mono">model.json</code> with its weight files, or one zip: a TensorFlow.js layers or graph model, pixels
        in [0, 1].
      </p>
      <input
        id={id}
        type="file"
        multiple
        accept=".json,.bin,.zip"
        disabled={disabled}
        onChange={(event) => {
          take(event.target.files);
          event.target.value = '';
        }}
        className={`mt-2 block w-full text-xs ${own ? 'text-transparent' : 'text-muted'} file:mr-2 file:rounded file:border file:border-line file:bg-panel file:px-2 file:py-1 file:text-fg`}
      />
      {own ? <p className="mt-1 truncate text-xs text-muted">{own.map((f) => f.name).join(', ')}</p> : null}
    </div>
  );
}
