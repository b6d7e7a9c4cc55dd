import type {
  AnswerFinder,
  AskedQuestion,
  Finding,
  KnowledgeForModel,
  KnowledgePiece,
  PossibleAnswer,
} from '../../contracts/answers.js';
import type { FaqMatch } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';
import { RetrievalError } from '../../contracts/retriever.js';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { RevisionCache } from '../search/revision-cache.js';
import { AnswerIndex } from './answer-index.js';
import { isContradicted, isSameQuestion, look, saySame, THRESHOLDS, type Look } from './decide.js';
import type { Features } from './features.js';
import { SectionReader, type Item } from './items.js';
import { lexicon } from './lexicon.js';
import { hasCell, isRow, rowsMeant, rowsNamed, sayAll } from './row-answers.js';
import { say, type Wanted } from './say.js';
import { Everything, pieceOf, tokensOf } from './told.js';
import { askedFor, wordsOf } from './words.js';

export interface AnswerFinderOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxIdleMs?: number;
  readonly maxTenants?: number;
}

/** Finds what a business says to a question, by words and by meaning, without a model. */
export interface KnowledgeFinder extends AnswerFinder {
  /** What is known of a tenant, as it is compared with messages. */
  indexOf(scope: TenantScope): Promise<AnswerIndex>;
  /** Call after every change in this process: the next question sees it. */
  invalidate(tenantId: string): void;
}

const DEFAULTS = { maxIdleMs: 30 * 60_000, maxTenants: 500 } as const;
/** How likely the answer to all but the same question is the one that is wanted. */
const SAME_QUESTION = 0.9;
const MOST_CHOICES = 3;
/** Pieces that are pointed out to a model. */
const MOST_BEST = 6;
/** Longer messages are stories; their beginning is compared. */
const LONGEST_QUESTION = 1_000;
/** A choice this much less likely than the best one would only puzzle. */
const LEAST_SHARE = 0.01;
/** Rows that say all that a message is about may be a little less sure. */
const SURE_ROWS = 0.3;

export function createAnswerFinder(options: AnswerFinderOptions): KnowledgeFinder {
  const words = lexicon();
  const indexes = new RevisionCache<AnswerIndex>({
    clock: options.clock,
    logger: options.logger,
    maxIdleMs: options.maxIdleMs ?? DEFAULTS.maxIdleMs,
    maxTenants: options.maxTenants ?? DEFAULTS.maxTenants,
    build: async (scope) => {
      const entries = await scope.faq.all();
      const sections = new SectionReader();
      const everything = new Everything(entries);
      for await (const chunk of scope.documents.allChunks()) {
        sections.add(chunk);
        everything.addChunk(chunk);
      }
      const newestFirst = entries.toSorted((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime());
      return new AnswerIndex(words, newestFirst, sections, everything);
    },
  });

  async function indexOf(scope: TenantScope): Promise<AnswerIndex> {
    try {
      return (await indexes.get(scope)).value;
    } catch (cause) {
      throw new RetrievalError('unavailable', 'What is known cannot be read at the moment.', { cause });
    }
  }

  return {
    indexOf,
    invalidate: (tenantId) => indexes.invalidate(tenantId),
    async find(scope, asked) {
      return findIn(await indexOf(scope), { ...asked, text: asked.text.slice(0, LONGEST_QUESTION) });
    },
    async gather(scope, asked, budget) {
      return gatherIn(await indexOf(scope), asked, budget);
    },
    async get(scope, reference, question) {
      const index = await indexOf(scope);
      const item = index.items.find((each) => isAt(each, reference));
      return item && say(item, wantedOf(question, index), index.lexicon);
    },
  };
}

function isAt(item: Item, reference: NonNullable<AskedQuestion['previous']>): boolean {
  if (item.type === 'entry') return reference.type === 'entry' && item.entry.id === reference.id;
  const { chunkId, position } = item.passage;
  return reference.type === 'passage' && reference.chunkId === chunkId && reference.unit === position;
}

export function findIn(index: AnswerIndex, asked: AskedQuestion): Finding {
  const exact = index.findExact(asked.text, asked.locale);
  const item = exact && index.items.find((each) => each.type === 'entry' && each.entry.id === exact.id);
  if (item !== undefined) {
    const answer = say(item, wantedOf(asked.text, index), index.lexicon);
    return { type: 'sure', answer, probability: 1, isSameQuestion: true, more: [] };
  }
  const followed = asked.before.length === 0 ? undefined : followUp(index, asked);
  if (followed?.type === 'sure') return followed;
  const alone = decide(index, look(index, asked.text, asked.locale), asked.text, asked.text);
  if (followed === undefined || alone.type === 'sure') return alone;
  return followed.probability >= alone.probability ? followed : alone;
}

function gatherIn(index: AnswerIndex, asked: AskedQuestion, budget: number): KnowledgeForModel {
  const text = [...asked.before, asked.text].join(' ').slice(0, LONGEST_QUESTION);
  const { items, ranking } = look(index, text, asked.locale);
  const pieces = new Map<string, KnowledgePiece>();
  for (const position of ranking.order) {
    const item = items[position];
    const piece = item && pieceOf(item);
    if (piece !== undefined && !pieces.has(piece.chunkId)) pieces.set(piece.chunkId, piece);
  }
  const best = [...pieces.keys()].slice(0, MOST_BEST);
  const { everything } = index;
  if (everything.tokens <= budget) return { pieces: everything.all(), isAll: true, best };
  let tokens = 0;
  const fitting = [...pieces.values()].filter((piece) => (tokens += tokensOf(piece)) <= budget);
  return { pieces: fitting, isAll: false, best };
}

/** A question that goes on from another is read with it; what is new in it decides among rows. */
function followUp(index: AnswerIndex, asked: AskedQuestion): Finding {
  const together = [...asked.before, asked.text].join(' ');
  const { previous } = asked;
  const item = previous && index.items.find((each) => isAt(each, previous));
  if (isRow(item)) {
    const terms = index.lexicon.terms(asked.text);
    const named = rowsNamed(terms, index.items, item, index.lexicon);
    const rows = named.length > 0 ? named : hasCell(terms, item, index.lexicon) ? [item] : [];
    if (rows.length > 0) return sureRows(index, rows, asked.text, THRESHOLDS.sure, together);
  }
  return decide(index, look(index, together, asked.locale), together, asked.text);
}

function decide(index: AnswerIndex, found: Look, message: string, said: string): Finding {
  const [best] = found.best;
  const { ranking, rows, items } = found;
  if (best === undefined) return { type: 'none', near: [], probability: 0 };
  const bestRow = rows[ranking.order[0] ?? 0];
  const wanted = wantedOf(said, index);
  if (isRow(best)) {
    const meant = rowsMeant(found, best, index.lexicon);
    const isAll = sayAll(found.terms, meant, index.lexicon);
    const isSure = ranking.best >= (isAll ? SURE_ROWS : THRESHOLDS.sure) && isAll;
    if (isSure && (meant.length > 1 || !isContradicted(found, best, index.lexicon, message))) {
      return sureRows(index, meant, said, ranking.best, message);
    }
  } else if (isAnswer(found, best, bestRow, index, message)) {
    const answer = say(best, wanted, index.lexicon);
    const { best: probability } = ranking;
    return { type: 'sure', answer, probability, isSameQuestion: isSameQuestion(bestRow), more: [] };
  }
  const choices = choicesOf(found, items, wanted, index);
  if (ranking.bestThree < THRESHOLDS.close)
    return { type: 'none', near: choices, probability: ranking.bestThree };
  const [only, ...others] = choices;
  // Several entries that say the same are no reason to ask which is meant.
  const isPlain = only !== undefined && others.length === 0 && ranking.bestThree >= THRESHOLDS.sure;
  if (isPlain && !isContradicted(found, best, index.lexicon, message)) {
    const { bestThree: probability } = ranking;
    return { type: 'sure', answer: only, probability, isSameQuestion: false, more: [] };
  }
  return { type: 'close', choices, probability: ranking.bestThree };
}

function isAnswer(
  found: Look,
  item: Item,
  features: Features | undefined,
  index: AnswerIndex,
  message: string,
): boolean {
  // Where little is known, nothing stands out: the same question is the same all the same.
  const isLikely = found.ranking.best >= THRESHOLDS.sure || isSameQuestion(features);
  return isLikely && !isContradicted(found, item, index.lexicon, message);
}

function sureRows(
  index: AnswerIndex,
  rows: readonly Item[],
  said: string,
  probability: number,
  together: string,
): Finding {
  const own = wantedOf(said, index);
  const wanted = { ...own, asksAmount: own.asksAmount || wantedOf(together, index).asksAmount };
  const [answer, ...more] = rows.map((row) => say(row, wanted, index.lexicon));
  if (answer === undefined) return { type: 'none', near: [], probability: 0 };
  return { type: 'sure', answer, probability, isSameQuestion: false, more };
}

/** The likeliest three that a person can tell apart. */
function choicesOf(
  found: Look,
  items: readonly Item[],
  wanted: Wanted,
  index: AnswerIndex,
): PossibleAnswer[] {
  const { order, scores } = found.ranking;
  const highest = scores[order[0] ?? 0] ?? 0;
  const choices = new Map<string, PossibleAnswer>();
  const chosen: Item[] = [];
  for (const position of order) {
    if (choices.size === MOST_CHOICES) break;
    if (Math.exp((scores[position] ?? 0) - highest) < LEAST_SHARE) break;
    const item = items[position];
    if (item === undefined || chosen.some((other) => saySame(other, item, index.lexicon))) continue;
    chosen.push(item);
    const answer = say(item, wanted, index.lexicon);
    const key = answer.label.toLowerCase();
    if (!choices.has(key)) choices.set(key, answer);
  }
  return [...choices.values()];
}

/** The entry that is most likely to answer, whether or not it is likely enough. */
export function matchEntry(index: AnswerIndex, question: string, locale: Locale): FaqMatch | undefined {
  const exact = index.findExact(question, locale);
  if (exact !== undefined) return { entry: exact, score: 1, exact: true };
  const found = look(index, question.slice(0, LONGEST_QUESTION), locale);
  const position = found.ranking.order.find((each) => found.items[each]?.type === 'entry');
  const item = position === undefined ? undefined : found.items[position];
  if (position === undefined || item?.type !== 'entry') return undefined;
  const { best, scores, order } = found.ranking;
  // Behind a passage an entry is as much less likely as its score is lower.
  const share = Math.exp((scores[position] ?? 0) - (scores[order[0] ?? 0] ?? 0));
  const isOther = isContradicted(found, item, index.lexicon, question);
  const isSame = isSameQuestion(found.rows[position]);
  const likely = Math.max(best * share, isSame ? SAME_QUESTION : 0);
  const score = isOther ? Math.min(likely, THRESHOLDS.sure - 0.01) : likely;
  return { entry: item.entry, score, exact: false };
}

function wantedOf(message: string, index: AnswerIndex): Wanted {
  const terms = index.lexicon.terms(message);
  return { terms, asksAmount: askedFor(wordsOf(message)).has('how-many') || terms.some(isAboutPrice(index)) };
}

/** Whether a term is one for prices, whichever. */
function isAboutPrice(index: AnswerIndex): (term: Wanted['terms'][number]) => boolean {
  const groups = index.lexicon.term('harga').groups;
  return (term) => term.groups.some((group) => groups.includes(group));
}
