import type { FindAccount, Outreach, Rewrite } from '../../contracts/chat.js';
import type { ContactDesk } from '../../contracts/contact-desk.js';
import type { ContactSuggestions } from '../../contracts/contact-suggestions.js';
import type { Events } from '../../contracts/events.js';
import type { HandOver } from '../../contracts/hand-over.js';
import type { UnansweredService } from '../../contracts/knowledge.js';
import type { Job } from '../../contracts/queue.js';
import {
  contactRoutes,
  createContactDesk,
  createHandOver,
  SuggestionDesk,
  followHistoryDays,
  followPublicHolidays,
  handOverJobs,
  oldHistoryJobs,
  suggestFromEvents,
  suggestionRoutes,
  announceHandOvers,
  ContactExports,
  ContactImports,
  Erasures,
} from '../../people/index.js';
import type { Route } from '../../lib/api/route.js';
import type { Foundation } from '../foundation.js';

/** The business's contacts and staff, and hand-over between bot and staff. */
export function peopleRoom(
  needs: Foundation & {
    readonly outreach: Outreach;
    readonly rewrite: Rewrite;
    readonly findAccount: FindAccount;
    readonly events: Events;
    readonly unanswered: UnansweredService;
  },
): {
  readonly handOver: HandOver;
  readonly contacts: ContactDesk;
  readonly suggestions: ContactSuggestions;
  /** Events, which also pass through the rooms that listen to what people write. */
  readonly events: Events;
  readonly peopleJobs: readonly Job[];
  readonly peopleRoutes: readonly Route[];
} {
  const imports = new ContactImports(needs);
  const exports = new ContactExports(needs);
  const erasures = new Erasures(needs);
  needs.followSettings((scope) => followHistoryDays(needs, scope));
  needs.followSettings((scope) => followPublicHolidays(needs, scope));
  const suggestions = new SuggestionDesk(needs);
  const handOver = announceHandOvers(createHandOver(needs), needs.events);
  return {
    handOver,
    contacts: createContactDesk({ ...needs, suggestions }),
    suggestions,
    events: suggestFromEvents(needs.events, { ...needs, suggestions }),
    peopleJobs: [
      ...handOverJobs({ ...needs, handOver }),
      ...imports.jobs(),
      ...exports.jobs(),
      ...erasures.jobs(),
      ...oldHistoryJobs(needs),
    ],
    peopleRoutes: [
      ...suggestionRoutes({ suggestions }),
      ...contactRoutes({ ...needs, imports, exports, erasures, suggestions }),
    ],
  };
}
