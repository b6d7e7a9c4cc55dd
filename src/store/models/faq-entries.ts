import type { FaqEntry } from '../../contracts/knowledge.js';
import { defineTable } from '../database.js';
import { optional } from '../optional.js';

export interface FaqRow extends Omit<FaqEntry, 'id'> {
  readonly _id: string;
  /** The import this entry belongs to while it is being written; visible once the whole import is. */
  readonly batch?: string;
  /** The entry that gets this new text once the import is committed. */
  readonly replaces?: string;
}

export const faqTable = defineTable<FaqRow>(
  'faq',
  {
    _id: String,
    question: String,
    phrasings: { type: [String], default: undefined },
    answer: String,
    locale: String,
    createdAt: Date,
    updatedAt: Date,
    batch: String,
    replaces: String,
  },
  [{ keys: { createdAt: -1, _id: -1 } }],
);

export function newFaqRow({ id, ...entry }: FaqEntry): FaqRow {
  return { _id: id, ...entry };
}

export function faqEntryOf(row: FaqRow): FaqEntry {
  return {
    id: row._id,
    question: row.question,
    ...optional('phrasings', row.phrasings),
    answer: row.answer,
    locale: row.locale,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
