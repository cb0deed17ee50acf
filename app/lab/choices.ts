/** What the lab's form offers. */
import type { ScheduleId } from '@/lib/training/schedule';
import type { LabNet, LabSet } from '@/workers/browser/lab-client';

export const MODE_CHOICES = [
  { id: 'st', label: 'ST', meaning: 'Standard training, on the images as they are.' },
  {
    id: 'at',
    label: 'AT',
    meaning: 'Adversarial training, on PGD-10 images alone; about nine times the work. The attack grows during the warm-up epochs.',
  },
  {
    id: 'trades',
    label: 'TRADES',
    meaning:
      'Clean loss plus six times how far the outputs move under attack; about seven times the work. The attack grows during the warm-up epochs.',
  },
  {
    id: 'trades-as-published',
    label: 'TRADES as published',
    meaning: 'The same with batch norms left in inference mode throughout, as the paper’s code runs it.',
  },
] as const;

export const SET_CHOICES = [
  { id: 'plain', label: 'As they are' },
  { id: 'imbalanced', label: 'A tenth of classes 5 – 9' },
  { id: 'shortcut', label: 'With a square that names the class' },
] as const satisfies readonly { id: LabSet; label: string }[];

export const NET_CHOICES = [
  { id: 'small', label: 'Small: four convolutions' },
  { id: 'vgg-11', label: 'VGG-11' },
  { id: 'preact-resnet-18', label: 'PreActResNet-18' },
] as const satisfies readonly { id: LabNet; label: string }[];

export const SCHEDULE_CHOICES = [
  { id: 'cosine', label: 'Cosine, to 0' },
  { id: 'steps', label: 'Steps at 25 % and 37.5 %' },
  { id: 'constant', label: 'Constant' },
] as const satisfies readonly { id: ScheduleId; label: string }[];

export const IMAGE_CHOICES = [1000, 3000, 10000] as const;
export const EPOCH_CHOICES = [5, 10, 20, 40, 80] as const;
/** Images that are measured after each epoch. */
export const MEASURED = 200;
export const SEED = 20231107;
/** Whose ε, attacks and images the lab uses. */
export const BOARD = 'glyphs/linf';
/** Images whose way under PGD is followed on request. */
export const FOLLOWED = 60;
