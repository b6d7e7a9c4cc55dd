import type { Outreach } from '../contracts/chat.js';
import type { FaqService, UnansweredService } from '../contracts/knowledge.js';

/** Turns a question nobody could answer into one that everybody gets an answer to. */
export function createUnansweredService(deps: {
  readonly faq: FaqService;
  readonly outreach: Outreach;
}): UnansweredService {
  return {
    async answer(scope, id, answer) {
      const question = await scope.unanswered.get(id);
      if (question === undefined) return undefined;
      const entry = await deps.faq.add(scope, {
        question: question.question,
        answer,
        locale: question.locale,
      });
      let told = 0;
      for (const conversationId of question.askedIn) {
        const key = `unanswered:${id}:${conversationId}`;
        const turn = await deps.outreach.say(scope, conversationId, key, answer, 'command');
        if (turn !== undefined) told += 1;
      }
      await scope.unanswered.setStatus(id, 'answered');
      return { entry, told };
    },
    async dismiss(scope, id) {
      return (await scope.unanswered.setStatus(id, 'dismissed')) !== undefined;
    },
  };
}
