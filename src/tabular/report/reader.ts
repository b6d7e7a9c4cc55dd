import type { Translate } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';

/** The language of whoever reads a text or a picture: its words, and how its numbers are written. */
export interface Reader {
  readonly t: Translate;
  readonly locale: Locale;
}
