import { LOCALES, type Locale } from '../../contracts/message.js';
import type { LanguageModel, ModelRequest, ModelStreamPart, UserPart } from '../../contracts/model.js';
import { opensAsFollowUp, questionsBefore } from '../../lib/follow-up.js';
import { aborted } from '../model-failure.js';
import { selectQuotes, type Passage, type Quotes } from './select-quotes.js';
import { Vocabulary, type Terms } from './vocabulary.js';

export interface ExtractiveDependencies {
  /** Content words of a text as stems, without stop words and question words, in order. */
  readonly terms: Terms;
  /** What comes before a quote, e.g. "Here is what I found:". */
  readonly lead: (locale: Locale) => string;
}

const PROVIDER = 'extractive';
const DEFAULT_LOCALE: Locale = 'en';
const NO_USAGE = { inputTokens: 0, outputTokens: 0 };

/**
 * Answers without a key or a network: quotes the sentences, rows or list items of the data parts
 * that answer the last question, each with its number. When nothing answers it, the text is
 * empty and the raw reason is `no-answer`.
 */
export function createExtractiveModel(dependencies: ExtractiveDependencies): LanguageModel {
  let vocabularies: ReadonlyMap<Locale, Vocabulary> | undefined;

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelStreamPart> {
    await Promise.resolve();
    if (signal.aborted) throw aborted(PROVIDER);
    vocabularies ??= new Map(LOCALES.map((each) => [each, new Vocabulary(dependencies.terms, each)]));
    const locale = LOCALES.find((each) => each === request.locale) ?? DEFAULT_LOCALE;
    const quotes = answer(request, locale, vocabularies);
    for (const text of quotes === undefined ? [] : toDeltas(quotes, dependencies.lead(locale))) {
      yield { type: 'text-delta', text };
      if (signal.aborted) throw aborted(PROVIDER);
    }
    yield {
      type: 'finish',
      reason: 'stop',
      rawReason: quotes === undefined ? 'no-answer' : 'answered',
      usage: NO_USAGE,
    };
  }

  return {
    provider: PROVIDER,
    model: 'default',
    capabilities: { tools: false, images: false, contextTokens: 1_000_000, groundedOnly: true },
    stream,
  };
}

function answer(
  request: ModelRequest,
  locale: Locale,
  vocabularies: ReadonlyMap<Locale, Vocabulary>,
): Quotes | undefined {
  const parts = request.messages.flatMap((message) => (message.role === 'user' ? message.parts : []));
  const passages = parts.filter(isPassage);
  const texts = userTexts(request);
  const text = texts.at(-1) ?? '';
  const before = questionsBefore(text, texts.slice(0, -1));
  const quotes = inAnyLanguage(text, before, passages, locale, vocabularies);
  if (quotes !== undefined || before.length === 0 || opensAsFollowUp(text)) return quotes;
  // What is as short as a follow-up may yet be a question of its own.
  return inAnyLanguage(text, [], passages, locale, vocabularies);
}

/** Tries the language of the request first, then the others: people switch without notice. */
function inAnyLanguage(
  text: string,
  earlier: readonly string[],
  passages: readonly Passage[],
  locale: Locale,
  vocabularies: ReadonlyMap<Locale, Vocabulary>,
): Quotes | undefined {
  for (const each of [locale, ...LOCALES.filter((other) => other !== locale)]) {
    const vocabulary = vocabularies.get(each);
    if (vocabulary === undefined) continue;
    const quotes = selectQuotes(vocabulary.question(text, earlier), passages, vocabulary);
    if (quotes !== undefined) return quotes;
  }
  return undefined;
}

function isPassage(part: UserPart): part is Passage {
  return part.type === 'data' && part.citation !== undefined;
}

/** What the person wrote, message by message. */
function userTexts(request: ModelRequest): readonly string[] {
  return request.messages.flatMap((message) =>
    message.role === 'user'
      ? [message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n')]
      : [],
  );
}

/** An approved answer speaks for itself; a quote is introduced. */
function toDeltas({ passage, kind, texts }: Quotes, lead: string): readonly string[] {
  const mark = ` [${passage.citation}]`;
  if (kind === 'entry' && texts.length > 1) return [lead, ...texts.map((text) => `\n- ${text}${mark}`)];
  const quoted = texts.map((text, index) => (index === 0 ? text : ` ${text}`));
  return passage.kind === 'faq' ? [...quoted, mark] : [`${lead} `, ...quoted, mark];
}
