import type { Translate } from '../contracts/i18n.js';
import type { FilePart, Locale } from '../contracts/message.js';
import type { TurnInput } from '../contracts/run-turn.js';

/** The facts of a turn that every step may read; made once, never changed. */
export interface TurnState extends TurnInput {
  readonly locale: Locale;
  readonly t: Translate;
  /** Texts of the burst, joined by line breaks. */
  readonly text: string;
  readonly files: readonly FilePart[];
  readonly isStaff: boolean;
  readonly now: Date;
}
