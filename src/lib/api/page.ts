import { StoreError, type Page, type PageRequest } from '../../contracts/stores.js';
import type { RouteResult } from './route.js';
import { json } from './route.js';

export function pageRequest(query: {
  readonly limit: number;
  readonly cursor?: string | undefined;
}): PageRequest {
  return query.cursor === undefined ? { limit: query.limit } : { limit: query.limit, cursor: query.cursor };
}

/** A page of the store as `{items, next_cursor}`. */
export function listAnswer<Item>(page: Page<Item>, toJson: (item: Item) => unknown): RouteResult {
  return json(200, { items: page.items.map(toJson), next_cursor: page.nextCursor ?? null });
}

/**
 * A page of a list that is completely known. The cursor names the last item of the previous page. Throws
 * `StoreError` if it names none of the items.
 */
export function pageOfList<Item>(
  items: readonly Item[],
  query: { readonly limit: number; readonly cursor?: string | undefined },
  idOf: (item: Item) => string,
  toJson: (item: Item) => unknown,
): RouteResult {
  const start = query.cursor === undefined ? 0 : placeAfter(items, query.cursor, idOf);
  const page = items.slice(start, start + query.limit);
  const last = page.at(-1);
  const isMore = last !== undefined && start + page.length < items.length;
  return listAnswer(isMore ? { items: page, nextCursor: cursorOf(idOf(last)) } : { items: page }, toJson);
}

function cursorOf(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function placeAfter<Item>(items: readonly Item[], cursor: string, idOf: (item: Item) => string): number {
  const index = items.findIndex((item) => cursorOf(idOf(item)) === cursor);
  if (index === -1) throw new StoreError('invalid-cursor', 'the cursor names no item of this list');
  return index + 1;
}

/** A list short enough for a single page. */
export function wholeList<Item>(items: readonly Item[], toJson: (item: Item) => unknown): RouteResult {
  return listAnswer({ items }, toJson);
}
