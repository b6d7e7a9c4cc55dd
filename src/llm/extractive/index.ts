import { LOCALES, type Locale } from '../../contracts/message.js';
import type {
  DataPart,
  LanguageModel,
  ModelRequest,
  ModelStreamPart,
  UserPart,
} from '../../contracts/model.js';
import { questionsBefore } from '../../lib/text/follow-up.js';
import { aborted } from '../model-failure.js';

/** A data part with its citation number. */
export type Passage = DataPart & { readonly citation: number };

/** The piece of a passage that answers a question, worded for the answer. */
export interface Quote {
  readonly passage: Passage;
  readonly text: string;
}

export interface ExtractiveDependencies {
  /** The piece of the passages that answers the question; `undefined`: none is likely enough to. */
  readonly select: (
    question: string,
    before: readonly string[],
    passages: readonly Passage[],
    locale: Locale,
  ) => Quote | undefined;
  /** The introduction before a quote, e.g. "Here is what I found:". */
  readonly lead: (locale: Locale) => string;
}

const PROVIDER = 'extractive';
const DEFAULT_LOCALE: Locale = 'en';
const NO_USAGE = { inputTokens: 0, outputTokens: 0 };

/**
 * Answers without a key or a network: quotes the piece of the data parts that answers the last question, with
 * its number. If nothing answers it, the text is empty and the raw reason is `no-answer`.
 */
export function createExtractiveModel(dependencies: ExtractiveDependencies): LanguageModel {
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelStreamPart> {
    await Promise.resolve();
    if (signal.aborted) throw aborted(PROVIDER);
    const locale = LOCALES.find((each) => each === request.locale) ?? DEFAULT_LOCALE;
    const quote = answer(request, locale, dependencies);
    if (quote !== undefined) {
      const { passage, text } = quote;
      // An approved answer stands on its own; a quote gets an introduction.
      if (passage.kind !== 'faq') yield { type: 'text-delta', text: `${dependencies.lead(locale)} ` };
      yield { type: 'text-delta', text: `${text} [${passage.citation}]` };
      if (signal.aborted) throw aborted(PROVIDER);
    }
    yield {
      type: 'finish',
      reason: 'stop',
      rawReason: quote === undefined ? 'no-answer' : 'answered',
      usage: NO_USAGE,
    };
  }

  return {
    provider: PROVIDER,
    model: 'default',
    capabilities: { tools: false, images: false, pdfs: false, contextTokens: 1_000_000, groundedOnly: true },
    stream,
  };
}

function answer(
  request: ModelRequest,
  locale: Locale,
  { select }: ExtractiveDependencies,
): Quote | undefined {
  const parts = request.messages.flatMap((message) => (message.role === 'user' ? message.parts : []));
  const texts = userTexts(request);
  const text = texts.at(-1) ?? '';
  return select(text, questionsBefore(text, texts.slice(0, -1)), parts.filter(isPassage), locale);
}

function isPassage(part: UserPart): part is Passage {
  return part.type === 'data' && part.citation !== undefined;
}

/** The text the person wrote, one entry per message. */
function userTexts(request: ModelRequest): readonly string[] {
  return request.messages.flatMap((message) =>
    message.role === 'user'
      ? [message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n')]
      : [],
  );
}
