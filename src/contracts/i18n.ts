import type en from '../../locales/en.json';
import type { Locale } from './message.js';

/** Every key of `locales/en.json`; `id.json` must have the same ones. */
export type MessageKey = keyof typeof en;

export type MessageValues = Readonly<Record<string, string | number | boolean | Date>>;

/** Formats the ICU message `key` in one language. */
export type Translate = (key: MessageKey, values?: MessageValues) => string;

export interface I18n {
  translator(locale: Locale): Translate;
  /** Nearest supported language for a BCP 47 tag such as `id-ID`, or `undefined`. */
  match(tag: string | undefined): Locale | undefined;
  readonly locales: readonly Locale[];
  /** Every key, sorted. */
  readonly keys: readonly MessageKey[];
}
