import type { AnswerFinder, MessageReader } from '../../contracts/answers.js';
import type { Outreach } from '../../contracts/chat.js';
import type { FaqService, UnansweredService } from '../../contracts/knowledge.js';
import type { ChainFor } from '../../contracts/model.js';
import type { Phrasings } from '../../contracts/phrasings.js';
import type { Job } from '../../contracts/queue.js';
import type { UsageService } from '../../contracts/usage.js';
import { withoutForeignLinks } from '../../conversation/index.js';
import { createPhrasings } from '../../learning/create-phrasings.js';
import { createUnansweredService } from '../../learning/create-unanswered-service.js';
import { draftJobs } from '../../learning/draft-answer.js';
import { phrasingRoutes } from '../../learning/phrasing-routes.js';
import type { Route } from '../../lib/api/route.js';
import type { Foundation } from '../foundation.js';

interface Needs extends Foundation {
  readonly chainFor: ChainFor;
  readonly faq: FaqService;
  readonly finder: AnswerFinder;
  readonly reader: MessageReader;
  readonly outreach: Outreach;
  readonly usage: UsageService;
}

/** Handles questions that had no answer. */
export function learningRoom(needs: Needs): {
  readonly unanswered: UnansweredService;
  readonly phrasings: Phrasings;
  readonly learningRoutes: readonly Route[];
  readonly learningJobs: readonly Job[];
} {
  const { chainFor, finder, i18n, usage } = needs;
  const phrasings = createPhrasings(needs);
  return {
    phrasings,
    learningRoutes: phrasingRoutes({ phrasings }),
    unanswered: createUnansweredService({
      ...needs,
      hasWriter: ({ settings }) => chainFor(settings.models).writes,
    }),
    learningJobs: draftJobs({
      finder,
      usage,
      chainFor,
      withoutForeignLinks: (draft, trusted, { settings }, locale) =>
        withoutForeignLinks(
          draft,
          trusted,
          settings.allowed_link_hosts,
          i18n.translator(locale)('link.removed'),
        ),
    }),
  };
}
