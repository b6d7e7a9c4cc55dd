import { FAQ_LIMITS, KnowledgeError } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';

/** The parts of an entry that people write. */
export interface FaqText {
  readonly question: string;
  readonly phrasings?: readonly string[];
  readonly answer: string;
  readonly locale: Locale;
}

/** The texts, trimmed; throws `KnowledgeError` if one is empty or too long. */
export function checkedText<Text extends Partial<Pick<FaqText, 'question' | 'phrasings' | 'answer'>>>(
  text: Text,
  row?: number,
): Text {
  const { question, phrasings, answer } = text;
  return {
    ...text,
    ...(question === undefined ? {} : { question: checkedField('question', question, row) }),
    ...(phrasings === undefined ? {} : { phrasings: checkedPhrasings(phrasings, row) }),
    ...(answer === undefined ? {} : { answer: checkedField('answer', answer, row) }),
  };
}

/** Removes duplicates and empty phrasings. */
function checkedPhrasings(phrasings: readonly string[], row: number | undefined): readonly string[] {
  const texts = phrasings.map((phrasing) => phrasing.trim()).filter((phrasing) => phrasing !== '');
  return [...new Set(texts.map((phrasing) => checkedField('question', phrasing, row)))].slice(
    0,
    FAQ_LIMITS.phrasings,
  );
}

function checkedField(field: 'question' | 'answer', value: string, row: number | undefined): string {
  const trimmed = value.trim();
  const place = row === undefined ? `The ${field}` : `Row ${row}: the ${field}`;
  const options = row === undefined ? {} : { row };
  if (trimmed === '')
    throw new KnowledgeError(row === undefined ? 'no-text' : 'invalid-csv', `${place} is empty.`, options);
  if (trimmed.length > FAQ_LIMITS[field]) {
    throw new KnowledgeError(
      'too-large',
      `${place} is longer than ${FAQ_LIMITS[field]} characters.`,
      options,
    );
  }
  return trimmed;
}
