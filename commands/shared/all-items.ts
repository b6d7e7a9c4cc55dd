import type { Page, PageRequest } from '../../src/contracts/stores.js';

const PAGE_SIZE = 200;

/** Items of a list, page by page, until there are `maximum` or no more. */
export async function allItems<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  maximum: number,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await list({ limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < maximum);
  return items.slice(0, maximum);
}
