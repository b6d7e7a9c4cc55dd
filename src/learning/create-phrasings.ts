import { FAQ_LIMITS, type FaqEntry, type FaqService } from '../contracts/knowledge.js';
import type { Phrasings } from '../contracts/phrasings.js';
import type { Clock } from '../contracts/runtime.js';
import { isQuestion } from '../lib/text/is-question.js';
import { phrasingStore, wordsOf } from './phrasing-store.js';

/** Learns how people phrase questions from the answers they choose, once staff have approved it. */
export function createPhrasings({
  faq,
  clock,
}: {
  readonly faq: Pick<FaqService, 'update'>;
  readonly clock: Clock;
}): Phrasings {
  return {
    async propose(scope, { entryId, wording, contactId }) {
      const entry = await scope.faq.get(entryId);
      const isUsable = isQuestion(wording) && wording.length <= FAQ_LIMITS.question;
      if (entry === undefined || !isUsable || knows(entry, wording)) return;
      await scope.store(phrasingStore).note({ entryId, wording, contactId, at: clock.now() });
    },

    async open(scope) {
      const entries = new Map((await scope.faq.all()).map((entry) => [entry.id, entry]));
      const proposals = await scope.store(phrasingStore).open();
      return proposals.flatMap((proposal) => {
        const entry = entries.get(proposal.entryId);
        return entry === undefined ? [] : [{ proposal, entry }];
      });
    },

    async decide(scope, id, decision) {
      const proposal = await scope.store(phrasingStore).decide(id, decision);
      const entry = proposal && (await scope.faq.get(proposal.entryId));
      if (proposal === undefined || entry === undefined) return undefined;
      const { phrasings = [] } = entry;
      const { wording } = proposal;
      if (decision === 'dismissed' || knows(entry, wording) || phrasings.length >= FAQ_LIMITS.phrasings) {
        return { proposal, entry };
      }
      const updated = await faq.update(scope, entry.id, { phrasings: [...phrasings, wording] });
      return updated && { proposal, entry: updated };
    },
  };
}

function knows({ question, phrasings = [] }: FaqEntry, wording: string): boolean {
  return [question, ...phrasings].some((each) => wordsOf(each) === wordsOf(wording));
}
