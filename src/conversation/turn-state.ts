import type { Events } from '../contracts/events.js';
import type { Translate } from '../contracts/i18n.js';
import type { UnansweredService } from '../contracts/knowledge.js';
import type { FilePart, Locale } from '../contracts/message.js';
import type { TurnInput } from '../contracts/run-turn.js';
import type { SmallTalk } from './small-talk/phrases.js';

/** The facts about a turn that every step can read; never changed once made. */
export interface TurnState extends TurnInput {
  readonly locale: Locale;
  readonly t: Translate;
  /** The texts of the burst, joined by line breaks. */
  readonly text: string;
  /** The text without its opening greeting: this is what is looked up. */
  readonly question: string;
  /** Set if the whole message is a greeting, a thank-you or the like. */
  readonly smallTalk: SmallTalk | undefined;
  readonly files: readonly FilePart[];
  readonly isStaff: boolean;
  readonly now: Date;
  /** Sends an event to the business's own systems. */
  readonly tell: Events['emit'];
  /** Records a question that had no answer. */
  readonly remember: UnansweredService['record'];
}
