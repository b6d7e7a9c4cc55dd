import type { AnswerReference, Finding } from '../../../src/contracts/answers.js';
import type { FaqEntry } from '../../../src/contracts/knowledge.js';
import type { Locale } from '../../../src/contracts/message.js';
import { chunkSections } from '../../../src/knowledge/chunk/chunk-sections.js';
import { textKind } from '../../../src/knowledge/ingest-text-kind.js';
import { parseString } from '../../../src/knowledge/parse/parse-bytes.js';
import { PARSE_LIMITS } from '../../../src/knowledge/parse/parse-limits.js';
import { findIn } from '../../../src/knowledge/understanding/find-in.js';
import { AnswerIndex } from '../../../src/knowledge/understanding/texts/answer-index.js';
import { itemsOf, SectionReader } from '../../../src/knowledge/understanding/texts/items.js';
import { lexicon } from '../../../src/knowledge/understanding/words/lexicon.js';

export interface Knowledge {
  readonly faq?: readonly (Pick<FaqEntry, 'question' | 'answer'> & Partial<FaqEntry>)[];
  readonly documents?: readonly {
    readonly id: string;
    readonly title: string;
    readonly text: string;
    readonly isTable?: boolean;
    readonly locale?: Locale;
  }[];
}

/** The knowledge of a business, read as in the service but without a store. */
export async function indexOf({ faq = [], documents = [] }: Knowledge): Promise<AnswerIndex> {
  const sections = new SectionReader();
  for (const { id, title, text, isTable, locale } of documents) {
    const kind = isTable === true ? 'csv' : textKind(text);
    const parsed = await parseString(text, kind, PARSE_LIMITS);
    const document = { id, title, kind, locale: locale ?? parsed.locale, metadata: {} } as const;
    for (const chunk of chunkSections(parsed.sections, { documentId: id, generation: 1, kind })) {
      sections.add({ ...chunk, generation: 1, document });
    }
  }
  const at = new Date(0);
  const entries = faq.map((entry, position): FaqEntry => ({
    id: `faq:${position}`,
    locale: 'id',
    createdAt: at,
    updatedAt: at,
    ...entry,
  }));
  return new AnswerIndex(lexicon(), { items: itemsOf(entries, sections) });
}

export interface Circumstances {
  /** Default: Indonesian. */
  readonly locale?: Locale;
  readonly before?: readonly string[];
  readonly previous?: AnswerReference;
}

export function ask(
  index: AnswerIndex,
  text: string,
  { locale = 'id', before = [], previous }: Circumstances = {},
): Finding {
  return findIn(index, { text, before, locale, ...(previous === undefined ? {} : { previous }) });
}

/** The answer that is sent, the one said to be all that is known, the choices offered, or nothing. */
export function saidTo(finding: Finding): string | readonly string[] {
  switch (finding.type) {
    case 'sure':
      return [finding.answer, ...finding.more].map(({ text }) => text).join('\n');
    case 'partial':
      return `only: ${finding.answer.text}`;
    case 'close':
      return finding.choices.map(({ label }) => label);
    case 'none':
      return [];
  }
}
