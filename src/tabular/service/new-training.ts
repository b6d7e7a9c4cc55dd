import type { Locale } from '../../contracts/message.js';
import type { TrainingWish } from '../features/choose-columns.js';

/** A training as it is asked for. */
export interface NewTraining {
  readonly id?: string;
  readonly datasetId: string;
  readonly wish: TrainingWish;
  /** Of the model; the target's name when absent. */
  readonly name?: string;
  readonly userId: string;
  readonly conversationId?: string;
  /** The model is used only when it is better than the one in use. */
  readonly onlyIfBetter?: boolean;
  /** The turn that answers whoever asked for it. */
  readonly turnId?: string;
  readonly locale?: Locale;
}
