import type { FaqEntry, FaqMatch, FaqMatchResult } from '../../contracts/knowledge.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { opensAsFollowUp, questionsBefore } from '../../lib/follow-up.js';
import { plainAnswer } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';
import { readHistory } from './read-history.js';

/** The business's own words, when it has answered this very question before. */
export async function matchFaq(
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  if (state.text === '') return undefined;
  const alone = accepted(await deps.faq.match(state.scope, state.question, state.locale));
  const best = opensAsFollowUp(state.question) ? await asFollowUp(alone, state, deps) : alone;
  if (best === undefined) return undefined;
  // "Terima kasih" is not "Apakah terima pesanan?", unless the business has an answer to just that.
  if (state.smallTalk !== undefined && !best.exact) return undefined;
  return { ...plainAnswer(state, 'faq', best.entry.answer), locale: best.entry.locale };
}

/**
 * "And opened coffee?" after a question on returns is not one on opening hours: an entry must fit
 * both questions together, and speak of what is new in the second.
 */
async function asFollowUp(
  alone: FaqMatch | undefined,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<FaqMatch | undefined> {
  const history = await readHistory(state);
  const before = questionsBefore(
    state.question,
    history.map(({ input }) => input),
  );
  if (before.length === 0) return alone;
  const joined = [...before, state.question].join(' ');
  const together = accepted(await deps.faq.match(state.scope, joined, state.locale));
  if (together === undefined) return undefined;
  return alone ?? (speaksOf(together.entry, state.question) ? together : undefined);
}

function accepted({ best, threshold }: FaqMatchResult): FaqMatch | undefined {
  return best !== undefined && best.score >= threshold ? best : undefined;
}

/** Letters by which words are compared, so that endings do not matter. */
const STEM_LETTERS = 5;

/** Whether all longer words of the question begin a word of the entry, but for the one that opens it. */
function speaksOf({ question, answer }: FaqEntry, asked: string): boolean {
  const told = wordsOf(`${question} ${answer}`).map((word) => word.slice(0, STEM_LETTERS));
  const [, ...news] = wordsOf(asked);
  return news
    .filter((word) => word.length >= STEM_LETTERS - 1)
    .every((word) => told.includes(word.slice(0, STEM_LETTERS)));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
