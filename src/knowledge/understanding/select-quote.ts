import type { Locale } from '../../contracts/message.js';
import type { DataPart } from '../../contracts/model.js';
import { AnswerIndex } from './texts/answer-index.js';
import { findIn } from './find-in.js';
import { itemsOf, SectionReader } from './texts/items.js';
import { lexicon } from './words/lexicon.js';

/** The text from the given passages that answers the question; `undefined` if no answer is likely enough. */
export function selectQuote<Passage extends DataPart & { readonly citation: number }>(
  question: string,
  before: readonly string[],
  passages: readonly Passage[],
  locale: Locale,
): { readonly passage: Passage; readonly text: string } | undefined {
  const entries = passages.filter(({ kind }) => kind === 'faq').map(entryOf);
  const sections = new SectionReader();
  for (const passage of passages) if (passage.kind !== 'faq') sections.add(chunkOf(passage));
  const index = new AnswerIndex(lexicon(), { items: itemsOf(entries, sections) });
  const finding = findIn(index, { text: question, before, locale });
  if (finding.type !== 'sure') return undefined;
  const passage = passages.find(({ citation }) => String(citation) === finding.answer.documentId);
  if (passage === undefined) return undefined;
  return { passage, text: [finding.answer, ...finding.more].map(({ text }) => text).join('\n') };
}

const NEVER = new Date(0);

function entryOf({ citation, title, text }: DataPart & { readonly citation: number }) {
  return {
    id: String(citation),
    question: title,
    answer: text,
    locale: 'en',
    createdAt: NEVER,
    updatedAt: NEVER,
  } as const;
}

function chunkOf({ citation, title, text }: DataPart & { readonly citation: number }) {
  const id = String(citation);
  const document = { id, title, kind: 'markdown', locale: undefined, metadata: {} } as const;
  return { id, documentId: id, ordinal: 0, headings: [], text, generation: 1, document };
}
