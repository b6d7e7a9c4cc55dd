import type { CommandServices } from '../../commands/index.js';
import type { Actions } from '../contracts/actions.js';
import type { Outreach } from '../contracts/chat.js';
import type { ChannelDesk } from '../contracts/channel-desk.js';
import type { ContactDesk } from '../contracts/contact-desk.js';
import type { ContactSuggestions } from '../contracts/contact-suggestions.js';
import type { Events } from '../contracts/events.js';
import type { FollowUpPlanner } from '../contracts/follow-up-planner.js';
import type { HandOver } from '../contracts/hand-over.js';
import type { I18n } from '../contracts/i18n.js';
import type { KnowledgeSources } from '../contracts/knowledge-sources.js';
import type { FaqService, KnowledgeService, UnansweredService } from '../contracts/knowledge.js';
import type { Reports } from '../contracts/reports.js';
import type { Phrasings } from '../contracts/phrasings.js';
import type { Clock } from '../contracts/runtime.js';
import type { ServiceStore, TenantScope } from '../contracts/stores.js';
import { changedSettings } from '../contracts/settings-change.js';
import type { UsageService } from '../contracts/usage.js';
import { languageOf } from '../conversation/index.js';
import { feedbackData } from '../lib/feedback-data.js';
import { openingHours } from '../lib/time/opening-hours.js';

/** How many turns back /feedback looks for an answer to rate. */
const LOOK_BACK = 10;

/** The services available to chat commands, backed by the rooms that implement them. */
export function createCommandServices(deps: {
  readonly service: ServiceStore;
  readonly knowledge: KnowledgeService;
  readonly sources: KnowledgeSources;
  readonly faq: FaqService;
  readonly unanswered: UnansweredService;
  readonly phrasings: Phrasings;
  readonly outreach: Outreach;
  readonly handOver: HandOver;
  readonly usage: UsageService;
  readonly reports: Reports;
  readonly actions: Actions;
  readonly i18n: I18n;
  readonly clock: Clock;
  readonly events: Events;
  readonly contacts: ContactDesk;
  readonly desk: ChannelDesk;
  readonly planner: FollowUpPlanner;
  readonly suggestions: ContactSuggestions;
}): CommandServices {
  const { service, knowledge, sources, faq, unanswered, outreach, handOver, usage, actions } = deps;
  const { contacts, planner, suggestions, desk, i18n, clock } = deps;
  return {
    knowledge,
    sources,
    faq,
    unanswered,
    phrasings: deps.phrasings,
    outreach,
    handOver,
    usage,
    reports: deps.reports,
    actions,
    contacts,
    desk,
    planner,
    suggestions,
    openingHours,
    languageOf,
    translator: (locale) => i18n.translator(locale),
    connectionStates: (tenantId) => service.connectionStates(tenantId),
    async updateSettings(scope, change) {
      await service.changeTenant(scope.tenantId, (before) => changedSettings(before, change));
    },
    async claimStaff(scope, code, contact) {
      const isValid = await scope.codes.spend('claim-staff', code, clock.now());
      if (isValid) await scope.contacts.update(contact.id, { isStaff: true });
      return isValid;
    },
    rateAnswer: (scope, conversationId, rating, comment) =>
      rateLastAnswer(deps.events, scope, conversationId, {
        rating,
        at: clock.now(),
        ...(comment === undefined ? {} : { comment }),
      }),
  };
}

async function rateLastAnswer(
  events: Events,
  scope: TenantScope,
  conversationId: string,
  feedback: Parameters<TenantScope['turns']['saveFeedback']>[1],
): Promise<boolean> {
  const turns = await scope.turns.recent(conversationId, LOOK_BACK);
  const rated = turns.findLast((turn) => turn.answer.source !== 'command' && turn.answer.text !== '');
  if (rated === undefined || !(await scope.turns.saveFeedback(rated.id, feedback))) return false;
  await events.emit(scope, 'feedback.received', feedbackData(rated.id, feedback));
  return true;
}
