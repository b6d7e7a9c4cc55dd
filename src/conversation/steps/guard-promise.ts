import { readWhen } from '../../lib/time/when/index.js';
import type { ConversationDependencies } from '../dependencies.js';
import { findPromises } from '../promises/find-promises.js';
import type { TurnState } from '../turn-state.js';
import { wordsOf } from '../words-of.js';

/** When a promise without a time is due, in ms. */
const DUE_AFTER_MS = 3_600_000;
/** The share of a sentence's words a source must contain to say the same. */
const SAME_WORDS = 0.7;

interface ModelText {
  readonly text: string;
  /** The part already sent: the beginning of `text`. */
  readonly ahead: string;
}

/**
 * Handles a promise the model cannot keep itself, such as "we will get back to you tomorrow". Staff are told
 * the question and the time, which makes it true. If nobody can be told, the promise is not sent: the
 * question is recorded for staff, and the person is told exactly that.
 */
export async function guardPromise<Answer extends ModelText>(
  answer: Answer,
  usedTools: boolean,
  /** The passages the answer cites: what the business itself says it does needs no follow-up. */
  cited: readonly string[],
  state: TurnState,
  { promises }: Pick<ConversationDependencies, 'promises'>,
): Promise<Answer> {
  const [event] = state.events;
  if (event === undefined || state.isStaff) return answer;
  const promiseSentences = findPromises(usedTools ? afterPreamble(answer.text) : answer.text).filter(
    (sentence) => !cited.some((text) => says(text, sentence)),
  );
  if (promiseSentences.length === 0) return answer;
  const { scope, conversation, now } = state;
  await state.beforeEffects?.();
  const promise = promiseSentences.join(' ');
  const dueAt = dueTime(promise, now, scope.settings.timezone);
  const question = state.text;
  const { notified } = await promises.keep(scope, conversation, { key: event.key, question, promise, dueAt });
  if (notified > 0) return answer;
  const text = await withoutPromise(answer, promiseSentences, state);
  // Anyone who watched the draft being written now sees the final text.
  state.emit({ type: 'status', state: 'restart', reason: 'correction' });
  state.emit({ type: 'delta', text });
  return { ...answer, text };
}

/** "Let me check." before a tool call is fulfilled by what follows. */
function afterPreamble(text: string): string {
  const end = text.indexOf('\n\n');
  return end === -1 ? text : text.slice(end);
}

async function withoutPromise(
  { text, ahead }: ModelText,
  sentences: readonly string[],
  { scope, conversation, contact, locale, t, tell, remember, question }: TurnState,
): Promise<string> {
  const facts = { text: question, locale, conversationId: conversation.id, contactId: contact.id };
  const isRecorded = (await remember(scope, facts)) !== undefined;
  if (isRecorded) {
    await tell(scope, 'question.unanswered', {
      question,
      locale,
      conversation_id: conversation.id,
      contact_id: conversation.contactId,
    });
  }
  const rest = sentences.reduce((left, sentence) => left.replace(sentence, ''), text.slice(ahead.length));
  const remainder = `${ahead}${rest}`.replace(/[ \t]+$/gm, '').replace(/\n{3,}/g, '\n\n');
  const honest = t(isRecorded ? 'promise.noted' : 'promise.nobody');
  return remainder.trim() === '' ? honest : `${remainder.trimEnd()}\n\n${honest}`;
}

/** The first time mentioned; in an hour if none is. */
function dueTime(promise: string, now: Date, timezone: string): Date {
  for (const { index } of promise.matchAll(/[\p{L}\d]+/gu)) {
    const moment = readWhen(promise.slice(index), { now, timezone });
    if (moment?.type === 'at') return moment.at;
  }
  return new Date(now.getTime() + DUE_AFTER_MS);
}

function says(source: string, sentence: string): boolean {
  const sourceWords = new Set(wordsOf(source));
  const words = wordsOf(sentence);
  return words.filter((word) => sourceWords.has(word)).length >= words.length * SAME_WORDS;
}
