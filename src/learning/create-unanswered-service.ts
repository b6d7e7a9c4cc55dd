import type { AnswerFinder, MessageReader } from '../contracts/answers.js';
import type { Outreach } from '../contracts/chat.js';
import type { I18n } from '../contracts/i18n.js';
import {
  FAQ_LIMITS,
  type FaqEntry,
  type FaqService,
  type UnansweredService,
} from '../contracts/knowledge.js';
import type { JobQueue } from '../contracts/queue.js';
import type { Clock } from '../contracts/runtime.js';
import type { TenantScope, UnansweredQuestion } from '../contracts/stores.js';
import { quote } from '../lib/text/excerpt.js';
import { isQuestion } from '../lib/text/is-question.js';
import { splitText } from '../lib/text/split-text.js';
import { draftJob } from './draft-answer.js';
import { suggestAnswer } from './suggest-answer.js';

/** Enough for people to recognise their own question, in characters. */
const SHOWN_CHARACTERS = 200;
/** Open questions that a new one is compared with, newest first. */
const COMPARED = 100;
/** From this intent probability on, a message is not a question about the business. */
const NO_QUESTION = 0.5;

export interface UnansweredDependencies {
  readonly faq: FaqService;
  readonly finder: Pick<AnswerFinder, 'find'>;
  readonly reader: Pick<MessageReader, 'sameQuestion' | 'intentOf'>;
  readonly outreach: Outreach;
  readonly queue: Pick<JobQueue, 'enqueue'>;
  /** Whether the business has a model that writes its own text. */
  readonly hasWriter: (scope: TenantScope) => boolean;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly clock: Clock;
}

/** Collects questions that nobody could answer and, once staff answer one, answers it for everybody. */
export function createUnansweredService(deps: UnansweredDependencies): UnansweredService {
  return {
    async record(scope, { text, locale, conversationId, contactId }) {
      if (!isQuestion(text) || (deps.reader.intentOf(text)?.probability ?? 0) >= NO_QUESTION)
        return undefined;
      const open = await scope.unanswered.open(COMPARED);
      const as = deps.reader.sameQuestion(text, locale, open);
      const record = { text, locale, conversationId, contactId, as, at: deps.clock.now() };
      const id = await scope.unanswered.record(record);
      const hasDraft = open.some((question) => question.id === id && question.draft !== undefined);
      if (!hasDraft && deps.hasWriter(scope)) {
        await deps.queue.enqueue(draftJob, scope.tenantId, { questionId: id }, { key: id });
      }
      return id;
    },

    withdraw: (scope, question) => scope.unanswered.withdraw(question),

    suggest: (scope, question) => suggestAnswer(scope, question, deps.finder),

    async answer(scope, id, answer) {
      const question = await scope.unanswered.get(id);
      if (question === undefined) return undefined;
      const standing = await standingEntry(deps.faq, scope, question);
      const isRepeated = standing?.answer === answer.trim();
      if (question.status === 'answered' && standing !== undefined && !isRepeated) return 'answered-before';
      // A repeated call continues where a crash may have stopped the first.
      const entry =
        standing !== undefined && isRepeated
          ? standing
          : await deps.faq.add(scope, {
              question: firstOf(question.question, FAQ_LIMITS.question),
              answer,
              locale: question.locale,
              phrasings: phrasingsOf(question, standing),
            });
      const notifiedCount = await tell(deps, scope, question, answer);
      await scope.unanswered.setStatus(id, 'answered');
      return { entry, notified: notifiedCount };
    },
    async dismiss(scope, id) {
      return (await scope.unanswered.setStatus(id, 'dismissed')) !== undefined;
    },
  };
}

/** The wordings in which it was asked, after the phrasings the entry already has. */
function phrasingsOf({ question, wordings }: UnansweredQuestion, standing: FaqEntry | undefined): string[] {
  const otherWordings = wordings.filter((each) => each !== question && each.length <= FAQ_LIMITS.question);
  return [...new Set([...(standing?.phrasings ?? []), ...otherWordings])].slice(0, FAQ_LIMITS.phrasings);
}

/** The entry that currently answers exactly this question. */
async function standingEntry(
  faq: FaqService,
  scope: TenantScope,
  { question, locale }: UnansweredQuestion,
): Promise<FaqEntry | undefined> {
  const { best } = await faq.match(scope, firstOf(question, FAQ_LIMITS.question), locale);
  return best?.exact === true && best.entry.locale === locale ? best.entry : undefined;
}

/** Tells each conversation once for every time the question was open; returns how many were told. */
async function tell(
  { outreach, i18n }: UnansweredDependencies,
  scope: TenantScope,
  asked: UnansweredQuestion,
  answer: string,
): Promise<number> {
  const { id, locale, askedIn, firstAskedAt } = asked;
  let count = 0;
  for (const conversationId of askedIn) {
    const conversation = await scope.conversations.get(conversationId);
    // They may have asked long ago, each in their own language and words.
    const text = i18n.translator(conversation?.locale ?? locale)('learning.answerCame', {
      question: quote(await ownWording(scope, conversationId, asked), SHOWN_CHARACTERS),
      answer,
    });
    const key = `unanswered:${id}:${firstAskedAt.getTime()}:${conversationId}`;
    if ((await outreach.say(scope, conversationId, key, text, 'human')) !== undefined) count += 1;
  }
  return count;
}

/** How many of a conversation's newest turns are searched for the question. */
const SEARCHED_TURNS = 50;

/** What was asked in this conversation, which may be in other words than anybody else's. */
async function ownWording(
  scope: TenantScope,
  conversationId: string,
  { question, wordings }: UnansweredQuestion,
): Promise<string> {
  const turns = await scope.turns.history(conversationId, SEARCHED_TURNS);
  for (const { input } of turns.toReversed()) {
    const wording = wordings.find((each) => input.includes(each));
    if (wording !== undefined) return wording;
  }
  return question;
}

/** A long question, cut at a word boundary. */
function firstOf(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${splitText(text, limit - 1)[0]?.trimEnd() ?? ''}…`;
}
