import type { FaqEntry, FaqMatch, FaqMatchResult } from '../../contracts/knowledge.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { opensAsFollowUp } from '../../lib/follow-up.js';
import { plainAnswer } from '../answers.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { wordsOf } from '../words-of.js';

/** The business's own words, when it has answered this very question before. */
export async function matchFaq(state: TurnState, reads: TurnReads): Promise<TurnAnswer | undefined> {
  if (state.text === '') return undefined;
  const alone = accepted(await reads.faq());
  const best = opensAsFollowUp(state.question) ? await asFollowUp(alone, state, reads) : alone;
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
  reads: TurnReads,
): Promise<FaqMatch | undefined> {
  const before = await reads.questionsBefore();
  if (before.length === 0) return alone;
  const together = accepted(await reads.faq(before));
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
