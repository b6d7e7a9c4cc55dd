import { markOf, type StormConversation } from './platform.js';
import { TOKENS, TOKENS_IN } from './tokens.js';

/** What the person wrote, in the platform's order; twins were delivered in reverse order. */
export interface Written {
  readonly token: string;
  readonly twin?: string;
}

export interface Verdict {
  readonly lost: readonly string[];
  readonly repeated: readonly string[];
  readonly disordered: readonly string[];
  /**
   * Pairs that were delivered in the wrong order and answered in that order, because they were not in the
   * same turn.
   */
  readonly swapped: number;
  readonly strays: readonly string[];
  /** Apologies that no model answered in time; the question is then answered in the next turn. */
  readonly apologies: number;
}

const isApology = (text: string): boolean => text.startsWith('Sorry, I can');

/** Bubbles that repeat an earlier one. */
function repeatedBubbles(texts: readonly string[]): readonly string[] {
  return texts.filter((text, index) => TOKENS_IN.test(text) && texts.indexOf(text) !== index);
}

/** Compares what a person saw with what they wrote. */
export function judge(conversation: StormConversation, messages: readonly Written[]): Verdict {
  const texts = conversation.seen();
  const place = new Map(messages.map(({ token }, index) => [token, index]));
  // Either message of a pair delivered in the wrong order may be answered first.
  const rank = new Map(
    messages.map(({ token, twin = token }) => [token, Math.min(place.get(token) ?? 0, place.get(twin) ?? 0)]),
  );
  const answered = texts.flatMap((text) => text.match(TOKENS) ?? []);
  const mark = markOf(conversation.business);
  const first = [...new Set(answered)].filter((token) => rank.has(token));
  const isAfterLater = (order: ReadonlyMap<string, number>) => (token: string, index: number) => {
    const before = first[index - 1];
    return before !== undefined && (order.get(before) ?? 0) > (order.get(token) ?? 0);
  };
  // Nothing comes after the last apology, so what it left open is not answered any more.
  const lastAnswered = Math.max(-1, ...answered.map((token) => place.get(token) ?? -1));
  const isExcused = (token: string): boolean =>
    isApology(texts.at(-1) ?? '') && (place.get(token) ?? 0) > lastAnswered;
  const disordered = first.filter(isAfterLater(rank));
  return {
    lost: messages
      .map(({ token }) => token)
      .filter((token) => !answered.includes(token) && !isExcused(token)),
    repeated: repeatedBubbles(texts),
    apologies: texts.filter((text) => isApology(text)).length,
    disordered,
    swapped: first.filter(isAfterLater(place)).length - disordered.length,
    strays: texts.filter(
      (text) =>
        (!isApology(text) && !text.includes(mark)) ||
        (text.match(TOKENS) ?? []).some((token) => !rank.has(token)),
    ),
  };
}
