import { MongoCommandError } from '../errors.js';
import { isDoc, setField, toNumber, type Doc } from './values.js';

/** How texts are compared: by their folded forms. Collations with the same id compare alike. */
export interface Collation {
  readonly id: string;
  /** Returns the value with all its texts folded. */
  fold(value: unknown): unknown;
}

const FIELDS = new Set([
  'locale',
  'strength',
  'caseLevel',
  'caseFirst',
  'numericOrdering',
  'alternate',
  'maxVariable',
  'backwards',
  'normalization',
  'version',
]);
const MARKS = /\p{M}/gu;
/** Collation strengths: letters only, plus accents, plus case. */
const STRENGTH = { letters: 1, accents: 2, case: 3 } as const;
/** Order of the root collation (CLDR): white space, these, digits, letters. */
const PUNCTUATION = '_-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$';
const NEITHER_LETTER_NOR_DIGIT = /[^\p{L}\p{N}]/gu;
const DIGITS = /\d+/g;

/**
 * The collation of a command or an index; `undefined` for the simple one. Supports the strengths 1 (letters),
 * 2 (also accents) and 3 (also case) in the order of the root collation; the special orders of individual
 * languages are not supported.
 * Throws `MongoCommandError` 40414, 40415, 2 or 72 if it is malformed, 115 if this store does not support it.
 */
export function parseCollation(options: unknown): Collation | undefined {
  if (!isDoc(options) || Object.keys(options).length === 0) return undefined;
  const { locale } = options;
  if (typeof locale !== 'string')
    throw new MongoCommandError(40414, "BSON field 'collation.locale' is missing but a required field");
  for (const name of Object.keys(options)) {
    if (!FIELDS.has(name))
      throw new MongoCommandError(40415, `BSON field 'collation.${name}' is an unknown field.`);
  }
  if (locale === 'simple') return undefined;
  const strength = toNumber(options.strength) ?? 3;
  if (strength < 1 || strength > 5)
    throw new MongoCommandError(
      72,
      `Enumeration value '${strength}' for field 'strength' is not a valid value`,
    );
  const unsupported = unsupportedOption(strength, options);
  if (unsupported !== undefined)
    throw new MongoCommandError(115, `a collation's ${unsupported} is not supported by the embedded store`);
  const isNumeric = options.numericOrdering === true;
  const isUpperFirst = options.caseFirst === 'upper' && strength === STRENGTH.case;
  const foldText = folding({ language: languageOf(locale), strength, isNumeric, isUpperFirst });
  return {
    id: `${locale}/${strength}${isNumeric ? '/n' : ''}${isUpperFirst ? '/u' : ''}`,
    fold: (value) => folded(value, foldText),
  };
}

function unsupportedOption(strength: number, options: Doc): string | undefined {
  const { caseLevel, backwards, alternate } = options;
  if (strength > STRENGTH.case) return `strength ${strength}`;
  if (caseLevel === true) return "option 'caseLevel'";
  if (backwards === true) return "option 'backwards'";
  return alternate === 'shifted' ? "option 'alternate: shifted'" : undefined;
}

/** Throws `MongoCommandError` 2 if the name is not a locale. */
function languageOf(locale: string): string {
  try {
    const [language = ''] = Intl.getCanonicalLocales(locale.replace(/@.*$/, '').replaceAll('_', '-'));
    return language;
  } catch {
    throw new MongoCommandError(2, `Field 'locale' is invalid in: { locale: "${locale}" }`);
  }
}

interface Folding {
  readonly language: string;
  readonly strength: number;
  readonly isNumeric: boolean;
  readonly isUpperFirst: boolean;
}

/**
 * Joins the levels, most significant first: accents count only if the letters are equal, case only if both
 * are.
 */
function folding({ language, strength, isNumeric, isUpperFirst }: Folding): (text: string) => string {
  const lower = (text: string): string => text.toLocaleLowerCase(language);
  const letters = (text: string): string =>
    lower(text).normalize('NFD').replaceAll(MARKS, '').replaceAll(NEITHER_LETTER_NOR_DIGIT, ordered);
  return (input) => {
    const composed = input.normalize('NFKC');
    const text = isNumeric ? composed.replaceAll(DIGITS, bySize) : composed;
    const levels = [letters(text)];
    if (strength >= STRENGTH.accents) levels.push(lower(text));
    if (strength >= STRENGTH.case) levels.push(caseOf(text, language, isUpperFirst));
    return levels.join('\0');
  };
}

/** Prefixes a number with its length, so that longer numbers sort as larger. */
function bySize(digits: string): string {
  const number = digits.replace(/^0+(?=.)/, '');
  return String(number.length).padStart(5, '0') + number;
}

/** Makes signs that are neither letters nor digits sort before both, in their own order. */
function ordered(sign: string): string {
  if (/\s/.test(sign)) return `\u0001${sign}`;
  const at = PUNCTUATION.indexOf(sign);
  return at < 0 ? `\u0003${sign}` : `\u0002${String.fromCharCode(0x30 + at)}`;
}

/** Lower case sorts before upper case, unless upper case comes first. */
const caseOf = (text: string, language: string, isUpperFirst: boolean): string =>
  [...text]
    .map((sign) => ((sign === sign.toLocaleLowerCase(language)) === isUpperFirst ? '1' : '0'))
    .join('');

function folded(value: unknown, foldText: (text: string) => string): unknown {
  if (typeof value === 'string') return foldText(value);
  if (Array.isArray(value)) return value.map((item) => folded(item, foldText));
  if (!isDoc(value)) return value;
  const out: Doc = {};
  for (const name of Object.keys(value)) setField(out, name, folded(value[name], foldText));
  return out;
}
