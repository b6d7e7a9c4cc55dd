import type { Page, PageRequest } from '../../contracts/stores.js';
import type { RouteResult } from './route.js';
import { json } from './route.js';

export function pageRequest(query: {
  readonly limit: number;
  readonly cursor?: string | undefined;
}): PageRequest {
  return query.cursor === undefined ? { limit: query.limit } : { limit: query.limit, cursor: query.cursor };
}

/** `{items, next_cursor}` of a page of the store. */
export function listAnswer<Item>(page: Page<Item>, toJson: (item: Item) => unknown): RouteResult {
  return json(200, { items: page.items.map(toJson), next_cursor: page.nextCursor ?? null });
}

/** A list that is short enough to be one page. */
export function wholeList<Item>(items: readonly Item[], toJson: (item: Item) => unknown): RouteResult {
  return listAnswer({ items }, toJson);
}
