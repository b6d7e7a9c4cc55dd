import mongoose from 'mongoose';
import { StoreError, type Page, type PageRequest } from '../contracts/stores.js';

const MAX_LIMIT = 200;
const MAX_CURSOR_LENGTH = 2048;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** Where a page ended: the time it is sorted by (ms since 1970) and the id that breaks ties. */
export interface Position {
  readonly time: number;
  readonly id: string;
}

/** Opaque to callers. `list` names the list, so that one list's cursor is rejected by another. */
function encodeCursor(list: string, position: Position): string {
  return Buffer.from(JSON.stringify([list, position.time, position.id])).toString('base64url');
}

/** Throws a `StoreError` of kind `invalid-cursor` for anything that `encodeCursor` did not produce. */
function decodeCursor(list: string, cursor: string): Position {
  const parts = parseCursor(cursor);
  const [name, time, id] = parts;
  if (parts.length !== 3 || name !== list || typeof id !== 'string' || !isTime(time)) throw invalidCursor();
  return { time, id };
}

export function positionOf(list: string, page: PageRequest): Position | undefined {
  return page.cursor === undefined ? undefined : decodeCursor(list, page.cursor);
}

/** Number of items per page, limited to 1 to 200. */
export function limitOf(page: PageRequest): number {
  const limit = Math.trunc(page.limit);
  return Number.isNaN(limit) ? MAX_LIMIT : Math.min(MAX_LIMIT, Math.max(1, limit));
}

/** Filter "after `position`" for a list sorted newest first by `field`, then by id. */
export function olderThan(field: string, position: Position | undefined): Record<string, unknown> {
  if (position === undefined) return {};
  const time = new Date(position.time);
  return {
    [field]: mongoose.trusted({ $lte: time }),
    $or: [
      { [field]: mongoose.trusted({ $lt: time }) },
      { [field]: time, _id: mongoose.trusted({ $lt: position.id }) },
    ],
  };
}

/** Makes a page from up to one row more than its limit; the extra row shows that there is a next page. */
export function pageOf<Row, Item>(
  list: string,
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toPosition: (row: Row) => Position,
): Page<Item> {
  const pageRows = rows.slice(0, limit);
  const last = pageRows.at(-1);
  const items = pageRows.map(toItem);
  if (rows.length <= limit || last === undefined) return { items };
  return { items, nextCursor: encodeCursor(list, toPosition(last)) };
}

function parseCursor(cursor: string): readonly unknown[] {
  if (typeof cursor !== 'string' || cursor.length > MAX_CURSOR_LENGTH || !BASE64URL.test(cursor)) {
    throw invalidCursor();
  }
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed)) return parsed;
  } catch (cause) {
    throw invalidCursor(cause);
  }
  throw invalidCursor();
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isNaN(new Date(value).getTime());
}

function invalidCursor(cause?: unknown): StoreError {
  return new StoreError('invalid-cursor', 'the cursor does not belong to this list', { cause });
}
