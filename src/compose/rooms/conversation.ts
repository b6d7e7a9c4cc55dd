import { createCommands } from '../../../commands/index.js';
import type { AuditLog } from '../../contracts/audit.js';
import type { Outreach } from '../../contracts/chat.js';
import type { Command } from '../../contracts/command.js';
import type { ChannelDesk } from '../../contracts/channel-desk.js';
import type { ContactDesk } from '../../contracts/contact-desk.js';
import type { ContactSuggestions } from '../../contracts/contact-suggestions.js';
import type { Events } from '../../contracts/events.js';
import type { MessageIntents } from '../../contracts/intents.js';
import type { FollowUpPlanner } from '../../contracts/follow-up-planner.js';
import type { HandOver } from '../../contracts/hand-over.js';
import type { AnswerFinder, MessageReader } from '../../contracts/answers.js';
import type { KnowledgeSources } from '../../contracts/knowledge-sources.js';
import type { FaqService, KnowledgeService, UnansweredService } from '../../contracts/knowledge.js';
import type { PromiseKeeper } from '../../contracts/promises.js';
import type { ChainFor } from '../../contracts/model.js';
import type { Reports } from '../../contracts/reports.js';
import type { Phrasings } from '../../contracts/phrasings.js';
import type { ApologyFor, RunTurn } from '../../contracts/run-turn.js';
import type { UsageService } from '../../contracts/usage.js';
import type { Actions } from '../../contracts/actions.js';
import type { ToolRunner } from '../../contracts/tool.js';
import { createApologyFor, createRunTurn } from '../../conversation/index.js';
import type { ModelRegistry } from '../../llm/index.js';
import { createCommandServices } from '../command-services.js';
import type { Foundation } from '../foundation.js';
import type { GatewayRoom } from './gateway.js';

interface Needs extends Foundation, GatewayRoom {
  readonly models: ModelRegistry;
  readonly chainFor: ChainFor;
  readonly knowledge: KnowledgeService;
  readonly sources: KnowledgeSources;
  readonly faq: FaqService;
  readonly finder: AnswerFinder;
  readonly reader: MessageReader;
  readonly intents: MessageIntents;
  readonly unanswered: UnansweredService;
  readonly phrasings: Phrasings;
  readonly outreach: Outreach;
  readonly handOver: HandOver;
  readonly usage: UsageService;
  readonly reports: Reports;
  readonly promises: PromiseKeeper;
  readonly events: Events;
  readonly audit: AuditLog;
  readonly tools: ToolRunner;
  readonly actions: Actions;
  readonly contacts: ContactDesk;
  readonly desk: ChannelDesk;
  readonly planner: FollowUpPlanner;
  readonly suggestions: ContactSuggestions;
}

/** Decides what to answer: the pipeline with its commands and those of other rooms. */
export function conversationRoom(
  needs: Needs,
  contributed: { readonly commands: readonly Command[] },
): { readonly commands: readonly Command[]; readonly runTurn: RunTurn; readonly apologyFor: ApologyFor } {
  const {
    knowledge,
    finder,
    reader,
    intents,
    models,
    usage,
    tools,
    download,
    handOver,
    events,
    unanswered,
    audit,
    i18n,
    clock,
    logger,
  } = needs;
  const commands = [...createCommands(createCommandServices(needs)), ...contributed.commands];
  return {
    commands,
    apologyFor: createApologyFor({ i18n, clock }),
    runTurn: createRunTurn({
      knowledge,
      finder,
      reader,
      intents,
      chainFor: needs.chainFor,
      transcriber: models.transcriber,
      usage,
      tools,
      commands,
      handOver,
      promises: needs.promises,
      events,
      unanswered,
      audit,
      phrasings: needs.phrasings,
      download,
      i18n,
      clock,
      logger,
    }),
  };
}
