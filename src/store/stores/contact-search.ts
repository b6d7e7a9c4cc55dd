import { shortId } from '../../lib/ids/short-id.js';
import { checkedText } from '../checked-value.js';
import type { Rows } from '../database.js';
import type { ContactRow } from '../models/contacts.js';

/** Length of the indexed pieces, in characters. */
const LENGTH = 3;
/** Maximum number of indexed pieces; a longer text is found by its beginning. */
const MOST_PIECES = 120;
/** How many pieces of a query are counted to find the rarest. */
const COUNTED = 4;
/**
 * A piece shared by this many contacts does not help: reading the newest contacts first finds enough matches.
 */
const TOO_COMMON = 4_000;
/** Queries that also match phone numbers. */
const NUMBER = /^[\d\s+().-]*\d[\d\s+().-]*$/;
/** Letters that occur in most names. */
const COMMON_LETTERS = 'aeinrsu';

type SearchableContact = Pick<ContactRow, '_id' | 'name' | 'phone' | 'email'>;

/**
 * The pieces a contact is found by: every three consecutive characters of name, email address and phone
 * number, and the short id.
 */
export function piecesOf({ _id, name, phone, email }: SearchableContact): readonly string[] {
  const texts = [folded(name ?? ''), folded(email ?? ''), digitsOf(phone ?? '')];
  const pieces = new Set(texts.flatMap(piecesIn));
  return [shortPiece(shortId(_id)), ...[...pieces].slice(0, MOST_PIECES)];
}

export function shortPiece(id: string): string {
  return `#${checkedText(id)}`;
}

/** Filter for contacts whose name, email address or, for a numeric query, phone number contains the query. */
export function matching(query: string): Record<string, unknown> {
  const text = checkedText(query).trim();
  const pattern = { $regex: text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), $options: 'i' };
  const digits = NUMBER.test(text) ? digitsOf(text) : '';
  return {
    $or: [{ name: pattern }, { email: pattern }, ...(digits === '' ? [] : [{ phone: { $regex: digits } }])],
  };
}

/** The rarest piece that all matches share; `undefined` if the index does not help. */
export async function pieceFor(rows: Rows<ContactRow>, query: string): Promise<string | undefined> {
  const text = folded(checkedText(query).trim());
  const isNumber = NUMBER.test(text);
  // A number can occur in a name as written and in a phone number as digits only, so the piece must be in
  // both.
  const pieces = isNumber ? piecesIn(digitsOf(text)).filter((piece) => text.includes(piece)) : piecesIn(text);
  const candidates = pieces
    .toReversed()
    .toSorted((a, b) => commonness(a) - commonness(b))
    .slice(0, COUNTED);
  const counts = await Promise.all(
    candidates.map((piece) => rows.countDocuments({ pieces: piece }, { limit: TOO_COMMON })),
  );
  const [best] = candidates
    .map((piece, index) => ({ piece, count: counts[index] ?? TOO_COMMON }))
    .sort((a, b) => a.count - b.count);
  return best === undefined || best.count >= TOO_COMMON ? undefined : best.piece;
}

function piecesIn(text: string): string[] {
  const count = Math.max(0, text.length - LENGTH + 1);
  return Array.from({ length: Math.min(count, MOST_PIECES) }, (_, at) => text.slice(at, at + LENGTH));
}

function commonness(piece: string): number {
  return [...piece].filter((letter) => COMMON_LETTERS.includes(letter)).length;
}

/** Lower case the way a case-insensitive pattern compares: one character for each character. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

/** The digits without leading zeros, because a national number has a 0 that E.164 does not have. */
function digitsOf(text: string): string {
  return text.replace(/\D/g, '').replace(/^0+/, '');
}
