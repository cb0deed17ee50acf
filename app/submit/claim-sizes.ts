/** How large a report may go along with a submission. The first column is what the page calls it. */
export const CLAIM_SIZES = [
  { id: 'glance', samples: 100, trainSamples: 500 },
  { id: 'preview', samples: 1000, trainSamples: 2000 },
  { id: 'full', samples: 10000, trainSamples: 10000 },
] as const;
export type ClaimSize = (typeof CLAIM_SIZES)[number];
export type ClaimId = ClaimSize['id'] | 'none';
