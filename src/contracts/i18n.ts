import type actions from '../../locales/en/actions.json';
import type channels from '../../locales/en/channels.json';
import type cli from '../../locales/en/cli.json';
import type commands from '../../locales/en/commands.json';
import type conversation from '../../locales/en/conversation.json';
import type knowledge from '../../locales/en/knowledge.json';
import type people from '../../locales/en/people.json';
import type reports from '../../locales/en/reports.json';
import type tables from '../../locales/en/tables.json';
import type terminal from '../../locales/en/terminal.json';
import type usage from '../../locales/en/usage.json';
import type web from '../../locales/en/web.json';
import type { Locale } from './message.js';

/** Every key of the files in `locales/en`, one file per area; the other languages have the same keys. */
export type MessageKey =
  | keyof typeof actions
  | keyof typeof channels
  | keyof typeof cli
  | keyof typeof commands
  | keyof typeof conversation
  | keyof typeof knowledge
  | keyof typeof people
  | keyof typeof reports
  | keyof typeof tables
  | keyof typeof terminal
  | keyof typeof usage
  | keyof typeof web;

export type MessageValues = Readonly<Record<string, string | number | boolean | Date>>;

/** Formats the ICU message `key` in one language. */
export type Translate = (key: MessageKey, values?: MessageValues) => string;

export interface I18n {
  translator(locale: Locale): Translate;
  /** The supported language closest to a BCP 47 tag such as `id-ID`, or `undefined`. */
  match(tag: string | undefined): Locale | undefined;
  readonly locales: readonly Locale[];
  /** Every key, sorted. */
  readonly keys: readonly MessageKey[];
}
