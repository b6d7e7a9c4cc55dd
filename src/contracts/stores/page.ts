export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string;
}

export interface PageRequest {
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

const LARGEST_PAGE = 200;

/** The items of a list, fetched page by page, up to `maximum`. */
export async function allItems<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  maximum = Infinity,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await list({ limit: LARGEST_PAGE, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < maximum);
  return items.slice(0, maximum);
}
