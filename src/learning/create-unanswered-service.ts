import type { Outreach } from '../contracts/chat.js';
import type { I18n } from '../contracts/i18n.js';
import {
  FAQ_LIMITS,
  type FaqEntry,
  type FaqService,
  type UnansweredService,
} from '../contracts/knowledge.js';
import type { TenantScope, UnansweredQuestion } from '../contracts/stores.js';
import { quote } from '../lib/excerpt.js';
import { splitText } from '../lib/split-text.js';

/** Enough for people to recognise their own question. */
const SHOWN_CHARACTERS = 200;

export interface UnansweredDependencies {
  readonly faq: FaqService;
  readonly outreach: Outreach;
  readonly i18n: Pick<I18n, 'translator'>;
}

/** Turns a question nobody could answer into one that everybody gets an answer to. */
export function createUnansweredService(deps: UnansweredDependencies): UnansweredService {
  return {
    async answer(scope, id, answer) {
      const question = await scope.unanswered.get(id);
      if (question === undefined) return undefined;
      const standing = await standingEntry(deps.faq, scope, question);
      const isRepeated = standing?.answer === answer.trim();
      if (question.status === 'answered' && standing !== undefined && !isRepeated) return 'answered-before';
      // A repeated call goes on where a crash may have ended the first.
      const entry =
        standing !== undefined && isRepeated
          ? standing
          : await deps.faq.add(scope, {
              question: firstOf(question.question, FAQ_LIMITS.question),
              answer,
              locale: question.locale,
            });
      const told = await tell(deps, scope, question, answer);
      await scope.unanswered.setStatus(id, 'answered');
      return { entry, told };
    },
    async dismiss(scope, id) {
      return (await scope.unanswered.setStatus(id, 'dismissed')) !== undefined;
    },
  };
}

/** The entry that answers this very question now. */
async function standingEntry(
  faq: FaqService,
  scope: TenantScope,
  { question, locale }: UnansweredQuestion,
): Promise<FaqEntry | undefined> {
  const { best } = await faq.match(scope, firstOf(question, FAQ_LIMITS.question), locale);
  return best?.exact === true && best.entry.locale === locale ? best.entry : undefined;
}

/** Each conversation once for every time the question was open; how many of them there are. */
async function tell(
  { outreach, i18n }: UnansweredDependencies,
  scope: TenantScope,
  { id, question, locale, askedIn, firstAskedAt }: UnansweredQuestion,
  answer: string,
): Promise<number> {
  // They may have asked long ago.
  const text = i18n.translator(locale)('learning.answerCame', {
    question: quote(question, SHOWN_CHARACTERS),
    answer,
  });
  let told = 0;
  for (const conversationId of askedIn) {
    const key = `unanswered:${id}:${firstAskedAt.getTime()}:${conversationId}`;
    if ((await outreach.say(scope, conversationId, key, text, 'human')) !== undefined) told += 1;
  }
  return told;
}

/** A long question, cut at a word. */
function firstOf(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${splitText(text, limit - 1)[0]?.trimEnd() ?? ''}…`;
}
