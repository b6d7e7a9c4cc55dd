import type { Locale } from '../../contracts/message.js';
import type { TrainingChoices } from '../features/choose-columns.js';

/** A request for a training. */
export interface NewTraining {
  readonly id?: string;
  readonly datasetId: string;
  readonly wish: TrainingChoices;
  /** Name of the model; by default the name of the target. */
  readonly name?: string;
  readonly userId: string;
  readonly conversationId?: string;
  /** Activates the model only if it is better than the one in use. */
  readonly onlyIfBetter?: boolean;
  /** The turn that answers the person who requested it. */
  readonly turnId?: string;
  readonly locale?: Locale;
}
