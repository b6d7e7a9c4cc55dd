import type { Locale } from '../../contracts/message.js';
import type { UnansweredQuestion } from '../../contracts/stores.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { defineTable, Mixed } from '../database.js';
import { optional } from '../optional.js';

export interface UnansweredRow extends Omit<UnansweredQuestion, 'id' | 'wordings' | 'people'> {
  readonly _id: string;
  readonly wordings?: readonly string[];
  readonly people?: readonly string[];
}

export const unansweredTable = defineTable<UnansweredRow>(
  'unanswered',
  {
    _id: String,
    question: String,
    locale: String,
    askedIn: { type: [String], default: undefined },
    wordings: { type: [String], default: undefined },
    people: { type: [String], default: undefined },
    draft: Mixed,
    count: Number,
    status: String,
    firstAskedAt: Date,
    lastAskedAt: Date,
  },
  [{ keys: { firstAskedAt: -1, _id: -1 } }, { keys: { status: 1, firstAskedAt: -1 } }],
  { isBasic: false },
);

/** The same words in the same language have the same id, regardless of case and punctuation. */
export function unansweredIdOf(text: string, locale: Locale): string {
  return derivedId('unanswered', locale, normalizedWords(text));
}

export function unansweredOf(row: UnansweredRow): UnansweredQuestion {
  return {
    id: row._id,
    question: row.question,
    locale: row.locale,
    askedIn: [...new Set(row.askedIn)],
    wordings: row.wordings ?? [row.question],
    people: row.people ?? [],
    ...optional('draft', row.draft),
    count: row.count,
    status: row.status,
    firstAskedAt: row.firstAskedAt,
    lastAskedAt: row.lastAskedAt,
  };
}

/** A question consisting only of symbols keeps them, so that "?" and "!" are different questions. */
export function normalizedWords(text: string): string {
  const folded = text.normalize('NFKC').toLowerCase();
  const words = folded.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
  return words === '' ? folded.trim() : words;
}
