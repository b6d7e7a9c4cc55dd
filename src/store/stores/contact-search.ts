import { shortId } from '../../lib/short-id.js';
import { checkedText } from '../checked-value.js';
import type { Rows } from '../database.js';
import type { ContactRow } from '../models/contacts.js';

/** Length of the pieces that are indexed. */
const LENGTH = 3;
/** No name has more pieces than this: what is longer is found by its beginning. */
const MOST_PIECES = 120;
/** Pieces of a query that are counted to find the rarest. */
const COUNTED = 4;
/** A piece that so many contacts have helps nobody: reading the newest first finds enough of them. */
const TOO_COMMON = 4_000;
/** What is looked for among numbers. */
const NUMBER = /^[\d\s+().-]*\d[\d\s+().-]*$/;
/** Letters that most names have. */
const COMMON_LETTERS = 'aeinrsu';

type SearchableContact = Pick<ContactRow, '_id' | 'name' | 'phone' | 'email'>;

/** What a contact is found by: every three characters of name, address and number, and the short id. */
export function piecesOf({ _id, name, phone, email }: SearchableContact): readonly string[] {
  const texts = [folded(name ?? ''), folded(email ?? ''), digitsOf(phone ?? '')];
  const pieces = new Set(texts.flatMap(piecesIn));
  return [shortPiece(shortId(_id)), ...[...pieces].slice(0, MOST_PIECES)];
}

export function shortPiece(id: string): string {
  return `#${checkedText(id)}`;
}

/** Contacts with a query in the name, the address, or (where it is a number) the digits of theirs. */
export function matching(query: string): Record<string, unknown> {
  const text = checkedText(query).trim();
  const pattern = { $regex: text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), $options: 'i' };
  const digits = NUMBER.test(text) ? digitsOf(text) : '';
  return {
    $or: [{ name: pattern }, { email: pattern }, ...(digits === '' ? [] : [{ phone: { $regex: digits } }])],
  };
}

/** The rarest piece that all matches have; `undefined` where the index helps nothing. */
export async function pieceFor(rows: Rows<ContactRow>, query: string): Promise<string | undefined> {
  const text = folded(checkedText(query).trim());
  const isNumber = NUMBER.test(text);
  // A number may be in a name as it was written, and in E.164 by its digits: a piece must be in both.
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

/** As a pattern that minds no case compares: one letter for each letter. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

/** The digits as they stand in E.164, where a national number has its 0 in front. */
function digitsOf(text: string): string {
  return text.replace(/\D/g, '').replace(/^0+/, '');
}
