/** What everything that the site publishes may be used under; a model's own files have their own licence. */
export const LICENCE = { name: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' } as const;
