/** Ways of training, as the paper's page names them. */
export const MODES = {
  st: 'Standard training',
  at: 'Adversarial training',
  trades: 'TRADES',
  'trades-as-published': 'TRADES as published',
} as const;

export type ModeId = keyof typeof MODES;
