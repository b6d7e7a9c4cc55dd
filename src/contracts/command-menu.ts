import type { ChatAddress, Sender } from './chat-address.js';
import type { Locale } from './message.js';

type Texts = Readonly<Record<Locale, string>>;

export type OptionType =
  'text' | 'integer' | 'number' | 'boolean' | 'choice' | 'file' | 'contact' | 'conversation';

/** A command option, for platforms that ask for each one by name. */
export interface MenuOption {
  readonly name: string;
  readonly type: OptionType;
  readonly description: Texts;
  readonly required: boolean;
  /** `ConnectionSink.suggest` offers values while a person types. */
  readonly suggests: boolean;
  readonly choices?: readonly { readonly value: string; readonly label: Texts }[];
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
  /** May span several lines. */
  readonly multiline?: boolean;
  /** Accepts more than one file. */
  readonly many?: boolean;
}

interface MenuAction {
  readonly name: string;
  readonly description: Texts;
  readonly options: readonly MenuOption[];
}

/** A command as shown in a platform's menu. */
export interface CommandMenuEntry extends MenuAction {
  readonly audience: 'everyone' | 'staff';
  /** If there are any, the command alone stands for one of them. */
  readonly subcommands: readonly MenuAction[];
}

/** What a platform needs to show commands while somebody picks one and fills it in. */
export interface CommandOffers {
  /** All listed commands; a channel shows staff commands only where it can tell who is staff. */
  readonly menu: readonly CommandMenuEntry[];
  /** At most 25, best first; empty if the person may not use the option. Never rejects. */
  suggest(request: SuggestionRequest): Promise<readonly Suggestion[]>;
}

/** A suggested value, shown while a person types. */
export interface Suggestion {
  /** The value the option is set to. */
  readonly value: string;
  /** What the person reads; at most 100 characters. */
  readonly label: string;
}

/** The option somebody is filling in. */
export interface SuggestionRequest {
  readonly chat: ChatAddress;
  readonly sender: Sender;
  readonly command: string;
  readonly subcommand?: string;
  readonly option: string;
  readonly typed: string;
}
