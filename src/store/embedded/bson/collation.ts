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
/** Letters and accents count, the case of letters does not. */
const ACCENTS = 2;

/**
 * The collation a command or an index asks for; undefined for the simple one. Strength 1 (letters) and
 * 2 (letters and accents) are kept.
 * @throws MongoCommandError 72 for a malformed one, 115 for those this store does not keep.
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
    options.caseLevel === true ||
    options.numericOrdering === true ||
    options.backwards === true ||
    options.alternate === 'shifted';
  if (strength < 1 || strength > 5)
    throw new MongoCommandError(
      72,
      `Enumeration value '${strength}' for field 'strength' is not a valid value`,
    );
  if ((strength !== 1 && strength !== ACCENTS) || isSpecial) {
    throw new MongoCommandError(
      115,
      `collation of strength ${strength} is not supported by the embedded store`,
    );
  }
  const lower = (text: string): string => text.normalize('NFKC').toLocaleLowerCase(locale);
  const letters = (text: string): string => lower(text).normalize('NFD').replaceAll(MARKS, '');
  // Accents count where the letters are the same.
  const foldText =
    strength === ACCENTS ? (text: string): string => `${letters(text)}\0${lower(text)}` : letters;
  return { id: `${locale}/${strength}`, fold: (value) => folded(value, foldText) };
}

function folded(value: unknown, foldText: (text: string) => string): unknown {
  if (typeof value === 'string') return foldText(value);
  if (Array.isArray(value)) return value.map((item) => folded(item, foldText));
  if (!isDoc(value)) return value;
  const out: Doc = {};
  for (const name of Object.keys(value)) setField(out, name, folded(value[name], foldText));
  return out;
}
