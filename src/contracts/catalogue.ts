import type { TenantScope } from './stores.js';

/** One row of a table among the documents of a business: a product, a room, a fare. */
export interface CatalogueItem {
  readonly documentId: string;
  /** Title of the table. */
  readonly table: string;
  /** The cell that names the item. */
  readonly name: string;
  readonly cells: readonly CatalogueCell[];
}

export interface CatalogueCell {
  readonly column: string;
  readonly value: string;
  /** The cell's value as a number, if it is an amount, however it is written. */
  readonly amount?: number;
}

/** What a business sells or offers, read from its own tables. */
export interface Catalogue {
  /** In the order of the tables; at most 5,000. */
  items(scope: TenantScope): Promise<readonly CatalogueItem[]>;
}
