import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { z } from 'zod';
import type { I18n, MessageKey, Translate } from '../contracts/i18n.js';
import { LOCALES, type Locale } from '../contracts/message.js';

const localeFile = z.record(z.string(), z.string());
type Texts = Readonly<Record<string, string>>;

/**
 * Reads `<folder>/<locale>/*.json` of every language once, one file per area. Messages are parsed on first
 * use and cached. Throws if a file is damaged or a language lacks a key of English, so that a missing text
 * stops the startup instead of reaching a person.
 */
export function createI18n({
  folder,
  more = [],
}: {
  readonly folder: string;
  /** Folders with the same structure whose keys are added. */
  readonly more?: readonly string[];
}): I18n {
  const folders = [folder, ...more];
  const texts = Object.fromEntries(
    LOCALES.map((locale): [Locale, Texts] => [
      locale,
      Object.assign({}, ...folders.map((each) => readTexts(each, locale))) as Texts,
    ]),
  );
  const keys = Object.keys(texts['en'] ?? {});
  const translators = new Map<Locale, Translate>();
  for (const locale of LOCALES) {
    const localeTexts = texts[locale] ?? {};
    const missing = keys.filter((key) => localeTexts[key] === undefined);
    if (missing.length > 0) throw new Error(`locales/${locale} lacks: ${missing.join(', ')}`);
    translators.set(locale, createTranslator(locale, localeTexts));
  }
  return {
    locales: LOCALES,
    keys: keys.toSorted() as MessageKey[],
    match: matchLocale,
    translator(locale) {
      const translate = translators.get(locale);
      if (!translate) throw new Error(`no texts for the language ${locale}`);
      return translate;
    },
  };
}

function readTexts(folder: string, locale: Locale): Texts {
  const files = readdirSync(join(folder, locale)).filter((name) => name.endsWith('.json'));
  const read = (name: string): Texts =>
    localeFile.parse(JSON.parse(readFileSync(join(folder, locale, name), 'utf8')));
  return Object.assign({}, ...files.map(read)) as Texts;
}

function createTranslator(locale: Locale, texts: Texts): Translate {
  const parsed = new Map<MessageKey, IntlMessageFormat>();
  return (key, values) => {
    let message = parsed.get(key);
    if (!message) {
      // Texts may contain `<` in usage lines; it is never markup.
      message = new IntlMessageFormat(texts[key] ?? key, locale, undefined, { ignoreTag: true });
      parsed.set(key, message);
    }
    return String(message.format(values));
  };
}

/** The supported language of a tag, by its primary subtag: `id-ID`, `id_ID` and the old `in` give `id`. */
function matchLocale(tag: string | undefined): Locale | undefined {
  if (!tag) return undefined;
  try {
    const { language } = new Intl.Locale(tag.replaceAll('_', '-'));
    return LOCALES.find((locale) => locale === language);
  } catch (error) {
    // The tag comes from a platform or a header and may be anything.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
