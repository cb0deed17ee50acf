/** Classes of fields and buttons in forms. */
export const field =
  'h-9 w-full rounded-md border border-line bg-bg px-2 py-1.5 text-sm aria-invalid:border-bad disabled:opacity-60 read-only:bg-panel';
export const primary = 'min-h-9 rounded-md bg-accent px-4 py-1.5 font-medium text-accent-fg disabled:opacity-50';
export const secondary = 'rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel disabled:opacity-50';
export const link = 'text-accent underline underline-offset-2';
