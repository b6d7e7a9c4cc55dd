import type {
  AnswerFinder,
  AnswerReference,
  AskedQuestion,
  Finding,
  KnowledgeForModel,
  PossibleAnswer,
} from '../../contracts/answers.js';
import type { FaqMatch } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';
import { RetrievalError } from '../../contracts/retriever.js';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { QuestionEmbedder } from '../embed/question-embedder.js';
import { RevisionCache } from '../search/revision-cache.js';
import { AnswerIndex } from './texts/answer-index.js';
import type { VectorOf } from './matching/look.js';
import { cellRequestOf } from './decide.js';
import { comparedTexts, findIn, gatherIn, matchEntry } from './find-in.js';
import { together } from './follow-up.js';
import { itemsOf, SectionReader, type Item } from './texts/items.js';
import { lexicon } from './words/lexicon.js';
import { Meanings, type Meaning } from './matching/meanings.js';
import { toPossibleAnswer } from './possible-answer.js';
import { KnowledgePieces } from './texts/knowledge-pieces.js';

export interface AnswerFinderOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** An embedding model used in addition to the word table shipped with Sapa. */
  readonly embedder?: QuestionEmbedder | undefined;
  readonly maxIdleMs?: number;
  readonly maxTenants?: number;
}

/** Finds a business's answer to a question by words and meaning, without a language model. */
export interface KnowledgeFinder extends AnswerFinder {
  /** The FAQ entry most likely to answer, even if it is not likely enough to be shown. */
  match(scope: TenantScope, question: string, locale: Locale): Promise<FaqMatch | undefined>;
  /** Must be called after every change in this process, so that the next question sees it. */
  invalidate(tenantId: string): void;
  close(): Promise<void>;
}

/** Longest part of a message that is compared, in characters. */
const LONGEST_QUESTION = 1_000;

export function createAnswerFinder(options: AnswerFinderOptions): KnowledgeFinder {
  return new IndexedKnowledge(options);
}

/** Keeps an index of each business's knowledge for as long as it is asked. */
class IndexedKnowledge implements KnowledgeFinder {
  private readonly words = lexicon();
  private readonly meanings: Meanings | undefined;
  private readonly indexes: RevisionCache<AnswerIndex>;

  constructor(private readonly options: AnswerFinderOptions) {
    const { embedder } = options;
    this.meanings =
      embedder &&
      new Meanings({
        ...options,
        model: embedder.model,
        onReady: (tenantId) => this.indexes.invalidate(tenantId),
      });
    this.indexes = new RevisionCache<AnswerIndex>({ ...options, build: (scope) => this.build(scope) });
  }

  invalidate(tenantId: string): void {
    this.indexes.invalidate(tenantId);
  }

  async close(): Promise<void> {
    await this.meanings?.close();
  }

  async match(scope: TenantScope, question: string, locale: Locale): Promise<FaqMatch | undefined> {
    const text = question.slice(0, LONGEST_QUESTION);
    const { index, vectorOf } = await this.prepareSearch(scope, [text]);
    return matchEntry(index, text, locale, vectorOf);
  }

  async find(scope: TenantScope, question: AskedQuestion): Promise<Finding> {
    const short = { ...question, text: question.text.slice(0, LONGEST_QUESTION) };
    const { index, vectorOf } = await this.prepareSearch(scope, comparedTexts(short));
    return findIn(index, short, vectorOf);
  }

  async gather(scope: TenantScope, question: AskedQuestion, budget: number): Promise<KnowledgeForModel> {
    const text = together(question).slice(0, LONGEST_QUESTION);
    const { index, vectorOf } = await this.prepareSearch(scope, [text]);
    return gatherIn(index, text, question.locale, budget, vectorOf);
  }

  async get(
    scope: TenantScope,
    reference: AnswerReference,
    question: string,
  ): Promise<PossibleAnswer | undefined> {
    const index = await this.indexOf(scope);
    const item = index.itemAt(reference);
    return item && toPossibleAnswer(item, cellRequestOf(question, index), index.lexicon);
  }

  private async build(scope: TenantScope): Promise<AnswerIndex> {
    const entries = await scope.faq.all();
    const sections = new SectionReader();
    const everything = new KnowledgePieces(entries);
    for await (const chunk of scope.documents.allChunks()) {
      sections.add(chunk);
      everything.addChunk(chunk);
    }
    const newestFirst = entries.toSorted((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime());
    const source = { items: itemsOf(newestFirst, sections), everything };
    return new AnswerIndex(this.words, source, await this.meaningOf(scope, source.items));
  }

  /** Answers still work without the model's vectors, so a failure to read them is only logged. */
  private async meaningOf(scope: TenantScope, items: readonly Item[]): Promise<Meaning | undefined> {
    try {
      return await this.meanings?.of(
        scope,
        items.map(({ text }) => text),
      );
    } catch (error) {
      this.options.logger.warn({ tenantId: scope.tenantId, error }, 'vectors could not be read');
      return undefined;
    }
  }

  /** The index, with vectors for the messages if its items have vectors too. */
  private async prepareSearch(
    scope: TenantScope,
    messages: readonly string[],
  ): Promise<{ readonly index: AnswerIndex; readonly vectorOf: VectorOf }> {
    const index = await this.indexOf(scope);
    const texts = [...new Set(messages)];
    const { embedder } = this.options;
    const vectors = index.hasMeaning ? await embedder?.vectorsOf(texts, scope) : undefined;
    return { index, vectorOf: (message) => vectors?.[texts.indexOf(message)] };
  }

  private async indexOf(scope: TenantScope): Promise<AnswerIndex> {
    try {
      return (await this.indexes.get(scope)).value;
    } catch (cause) {
      throw new RetrievalError('unavailable', 'What is known cannot be read at the moment.', { cause });
    }
  }
}
