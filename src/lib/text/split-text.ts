import { findBoundaries, type Boundaries, type Fence } from './text-boundaries.js';

/** A part before it is assembled: only `body` is from the text. */
export interface TextPiece {
  /** Reopens a code fence that was cut; otherwise empty. */
  readonly opening: string;
  readonly body: string;
  /** Closes the fence again; otherwise empty. */
  readonly closing: string;
}

/** Preferred cutting points count only beyond this share of the limit, so that parts are not tiny. */
const WELL_FILLED = 0.3;

/**
 * Cuts Markdown into parts of at most `limit` UTF-16 code units, none of them blank. Prefers the
 * ends of blocks, then of list items, lines, sentences, words; code, tables, links and formatted
 * words that fit into one part stay whole. A fence that is too long is closed and opened again.
 * Put together, the parts are the text but for white space at the joints and those fences.
 *
 * A grapheme cluster is cut only when it alone is longer than the limit, a surrogate pair never.
 * Throws `RangeError` for a limit below 2.
 */
export function splitText(markdown: string, limit: number): string[] {
  return cutText(markdown, limit).map(({ opening, body, closing }) => opening + body + closing);
}

/** Like `splitText`, before the parts are assembled. */
export function cutText(markdown: string, limit: number): TextPiece[] {
  if (!Number.isInteger(limit) || limit < 2)
    throw new RangeError(`a part needs at least 2 units, not ${limit}`);
  if (markdown.trim() === '') return [];
  if (markdown.length <= limit) return [{ opening: '', body: markdown, closing: '' }];
  const boundaries = findBoundaries(markdown, limit);
  const pieces: TextPiece[] = [];
  for (let start = 0; start < markdown.length;) {
    const { next, ...piece } = cutPiece(markdown, start, limit, boundaries);
    if (piece.body.trim() !== '') pieces.push(piece);
    start = next;
  }
  return pieces;
}

function cutPiece(
  text: string,
  start: number,
  limit: number,
  { fences, best }: Boundaries,
): TextPiece & { readonly next: number } {
  const fenceAt = (offset: number): Fence | undefined =>
    fences.find(({ contentStart, contentEnd }) => offset >= contentStart && offset < contentEnd);
  const opening = fenceAt(start)?.opening ?? '';
  const room = limit - opening.length;
  if (text.length - start <= room)
    return { opening, body: text.slice(start), closing: '', next: text.length };
  const cutWithin = (size: number): number =>
    best(start, start + size, start + Math.ceil(size * WELL_FILLED));
  let cut = cutWithin(room);
  if (fenceAt(cut)) {
    const touched = fences.filter((fence) => fence.contentStart < start + room && fence.contentEnd > start);
    cut = cutWithin(room - Math.max(...touched.map((fence) => fence.closing.length)));
  }
  const fence = fenceAt(cut);
  const body = text.slice(start, cut);
  if (fence) return { opening, body: body.replace(/\n$/, ''), closing: fence.closing, next: cut };
  const rest = text.slice(cut);
  return { opening, body: body.trimEnd(), closing: '', next: cut + rest.length - rest.trimStart().length };
}
