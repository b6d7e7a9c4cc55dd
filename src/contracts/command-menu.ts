import type { ChatAddress, Sender } from './chat-address.js';
import type { Locale } from './message.js';

type Texts = Readonly<Record<Locale, string>>;

export type OptionType =
  'text' | 'integer' | 'number' | 'boolean' | 'choice' | 'file' | 'contact' | 'conversation';

/** An option of a command, for platforms that ask for each by its name. */
export interface MenuOption {
  readonly name: string;
  readonly type: OptionType;
  readonly description: Texts;
  readonly required: boolean;
  /** `ConnectionSink.suggest` knows values while a person types. */
  readonly suggests: boolean;
  readonly choices?: readonly { readonly value: string; readonly label: Texts }[];
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
  /** May have several lines. */
  readonly multiline?: boolean;
  /** Takes more than one file. */
  readonly many?: boolean;
}

interface MenuAction {
  readonly name: string;
  readonly description: Texts;
  readonly options: readonly MenuOption[];
}

/** A command as a platform's menu shows it. */
export interface CommandMenuEntry extends MenuAction {
  readonly audience: 'everyone' | 'staff';
  /** Where there are some, the command itself means what one of them does. */
  readonly subcommands: readonly MenuAction[];
}

/** What a platform shows of the commands while somebody picks one and fills it in. */
export interface CommandOffers {
  /** All that are listed; a channel shows those for staff only where it can tell who is staff. */
  readonly menu: readonly CommandMenuEntry[];
  /** At most 25, the best first; none for an option that is not theirs to use. Never rejects. */
  suggest(request: SuggestionRequest): Promise<readonly Suggestion[]>;
}

/** A value that a person may mean, shown while they type. */
export interface Suggestion {
  /** What the option is set to. */
  readonly value: string;
  /** What the person reads, at most 100 characters. */
  readonly label: string;
}

/** An option that somebody is filling in. */
export interface SuggestionRequest {
  readonly chat: ChatAddress;
  readonly sender: Sender;
  readonly command: string;
  readonly subcommand?: string;
  readonly option: string;
  readonly typed: string;
}
