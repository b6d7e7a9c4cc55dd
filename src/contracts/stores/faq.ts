import type { FaqEntry } from '../document.js';
import type { Page, PageRequest } from './page.js';

export interface FaqStore {
  all(): Promise<readonly FaqEntry[]>;
  get(id: string): Promise<FaqEntry | undefined>;
  list(page: PageRequest): Promise<Page<FaqEntry>>;
  /** All or none. Increments the knowledge revision. */
  insert(entries: readonly FaqEntry[]): Promise<void>;
  /** Adds entries and updates existing ones, all or none. */
  write(entries: {
    readonly added: readonly FaqEntry[];
    readonly changed: readonly FaqEntry[];
  }): Promise<void>;
  update(
    id: string,
    change: Partial<Pick<FaqEntry, 'question' | 'phrasings' | 'answer' | 'locale' | 'updatedAt'>>,
  ): Promise<FaqEntry | undefined>;
  remove(id: string): Promise<boolean>;
}
