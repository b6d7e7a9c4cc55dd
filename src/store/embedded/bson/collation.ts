import { MongoCommandError } from '../errors.js';
import { isDoc, setField, toNumber, type Doc } from './values.js';

/** How texts are compared: as they are folded. Two with the same id compare alike. */
export interface Collation {
  readonly id: string;
  /** A value with all its texts folded. */
  fold(value: unknown): unknown;
}

const KNOWN = new Set([
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
/** How much counts: the letters alone, with their accents, with their case. */
const STRENGTH = { letters: 1, accents: 2, case: 3 } as const;
/** The order of the root collation (CLDR): space, these, digits, letters. */
const PUNCTUATION = '_-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$';
const NEITHER_LETTER_NOR_DIGIT = /[^\p{L}\p{N}]/gu;
const DIGITS = /\d+/g;

/**
 * The collation a command or an index asks for; undefined for the simple one. Strength 1 (letters),
 * 2 (and accents) and 3 (and case) are kept, by the root collation's order; the special orders of
 * single languages are not.
 * @throws MongoCommandError 2 or 72 for a malformed one, 115 for those this store does not keep.
 */
export function parseCollation(options: unknown): Collation | undefined {
  if (!isDoc(options) || Object.keys(options).length === 0) return undefined;
  const { locale } = options;
  if (typeof locale !== 'string')
    throw new MongoCommandError(40414, "BSON field 'collation.locale' is missing but a required field");
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name))
      throw new MongoCommandError(40415, `BSON field 'collation.${name}' is an unknown field.`);
  }
  if (locale === 'simple') return undefined;
  const strength = toNumber(options.strength) ?? 3;
  const isSpecial =
    options.caseLevel === true || options.backwards === true || options.alternate === 'shifted';
  if (strength < 1 || strength > 5)
    throw new MongoCommandError(
      72,
      `Enumeration value '${strength}' for field 'strength' is not a valid value`,
    );
  if (strength > STRENGTH.case || isSpecial) {
    throw new MongoCommandError(
      115,
      `collation of strength ${strength} is not supported by the embedded store`,
    );
  }
  const isNumeric = options.numericOrdering === true;
  const foldText = folding(languageOf(locale), strength, isNumeric);
  return { id: `${locale}/${strength}${isNumeric ? '/n' : ''}`, fold: (value) => folded(value, foldText) };
}

/** @throws MongoCommandError 2 for a name that is no locale. */
function languageOf(locale: string): string {
  try {
    const [language = ''] = Intl.getCanonicalLocales(locale.replace(/@.*$/, '').replaceAll('_', '-'));
    return language;
  } catch {
    throw new MongoCommandError(2, `Field 'locale' is invalid in: { locale: "${locale}" }`);
  }
}

/** Levels follow each other: accents count where the letters are the same, case where both are. */
function folding(language: string, strength: number, isNumeric: boolean): (text: string) => string {
  const lower = (text: string): string => text.toLocaleLowerCase(language);
  const letters = (text: string): string =>
    lower(text).normalize('NFD').replaceAll(MARKS, '').replaceAll(NEITHER_LETTER_NOR_DIGIT, ordered);
  return (input) => {
    const composed = input.normalize('NFKC');
    const text = isNumeric ? composed.replaceAll(DIGITS, bySize) : composed;
    const levels = [letters(text)];
    if (strength >= STRENGTH.accents) levels.push(lower(text));
    if (strength >= STRENGTH.case) levels.push(caseOf(text, language));
    return levels.join('\0');
  };
}

/** A longer number is a larger one. */
function bySize(digits: string): string {
  const number = digits.replace(/^0+(?=.)/, '');
  return String(number.length).padStart(5, '0') + number;
}

/** Before all digits and letters, in their own order. */
function ordered(sign: string): string {
  if (/\s/.test(sign)) return `\u0001${sign}`;
  const at = PUNCTUATION.indexOf(sign);
  return at < 0 ? `\u0003${sign}` : `\u0002${String.fromCharCode(0x30 + at)}`;
}

/** Small letters come before large ones. */
const caseOf = (text: string, language: string): string =>
  [...text].map((sign) => (sign === sign.toLocaleLowerCase(language) ? '0' : '1')).join('');

function folded(value: unknown, foldText: (text: string) => string): unknown {
  if (typeof value === 'string') return foldText(value);
  if (Array.isArray(value)) return value.map((item) => folded(item, foldText));
  if (!isDoc(value)) return value;
  const out: Doc = {};
  for (const name of Object.keys(value)) setField(out, name, folded(value[name], foldText));
  return out;
}
