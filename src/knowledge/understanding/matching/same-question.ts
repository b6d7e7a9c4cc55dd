import type { KnownQuestion } from '../../../contracts/answers.js';
import type { FaqEntry } from '../../../contracts/knowledge.js';
import type { Locale } from '../../../contracts/message.js';
import { AnswerIndex } from '../texts/answer-index.js';
import { isOtherQuestion, isSameQuestion, look, THRESHOLDS } from './look.js';
import { itemsOf, SectionReader } from '../texts/items.js';
import type { Lexicon } from '../words/lexicon.js';

/** Minimum coverage of each question by the other: among few questions, even an unrelated one ranks first. */
const COVERED = 0.55;

/** Questions asked of any business, added as a background from which a matching question must stand out. */
const EVERYWHERE = [
  'Berapa ongkos kirimnya?',
  'Di mana alamatnya?',
  'Bagaimana cara pesan?',
  'Apakah bisa dibayar nanti?',
  'Berapa lama sampainya?',
  'Apakah bisa ditukar atau dikembalikan?',
  'Apakah bahannya aman?',
  'Ada diskon untuk pembelian banyak?',
  'How do I cancel an order?',
  'Which sizes and colours do you have?',
  'Can I pay by card?',
  'Do I need an appointment?',
];

/** Which of the given questions a message asks; `undefined`: none of them. */
export function sameQuestion(
  words: Lexicon,
  message: string,
  locale: Locale,
  questions: readonly KnownQuestion[],
): string | undefined {
  if (questions.length === 0) return undefined;
  const others = EVERYWHERE.map((text) => ({ id: '', wordings: [text], locale }));
  const index = new AnswerIndex(words, {
    items: itemsOf([...questions, ...others].map(asEntry), new SectionReader()),
  });
  const exact = index.findExact(message, locale);
  if (exact !== undefined) return exact.id || undefined;
  const lookup = look(index, message, locale);
  const [position = -1] = lookup.ranking.order;
  const [item, features] = [lookup.items[position], lookup.rows[position]];
  if (item?.type !== 'entry' || item.entry.id === '' || features === undefined) return undefined;
  const isCovered = Math.min(features.headNearAsked, features.askedNearHead) >= COVERED;
  const isLikely = lookup.ranking.best >= THRESHOLDS.sure && !isOtherQuestion(lookup, item, words, message);
  return (isLikely && isCovered) || isSameQuestion(features) ? item.entry.id : undefined;
}

function asEntry({ id, wordings, locale }: KnownQuestion): FaqEntry {
  const [question = '', ...phrasings] = wordings;
  const never = new Date(0);
  return { id, question, phrasings, answer: '', locale, createdAt: never, updatedAt: never };
}
