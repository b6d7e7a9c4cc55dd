import type { AnswerFinder, MessageReader } from '../contracts/answers.js';
import type { Command } from '../contracts/command.js';
import type { AuditLog } from '../contracts/audit.js';
import type { Events } from '../contracts/events.js';
import type { HandOver } from '../contracts/hand-over.js';
import type { I18n } from '../contracts/i18n.js';
import type { MessageIntents } from '../contracts/intents.js';
import type { KnowledgeService, UnansweredService } from '../contracts/knowledge.js';
import type { Phrasings } from '../contracts/phrasings.js';
import type { ChainFor } from '../contracts/model.js';
import type { FilePart } from '../contracts/message.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { PromiseKeeper } from '../contracts/promises.js';
import type { TenantScope } from '../contracts/stores.js';
import type { ToolRunner } from '../contracts/tool.js';
import type { Transcriber } from '../contracts/transcription.js';
import type { UsageService } from '../contracts/usage.js';
import type { InboxEvent } from '../contracts/turn.js';
import type { PlainSpeakers } from './plain-speakers.js';
import type { Summaries } from './summaries.js';

/** What the pipeline needs from other rooms. */
export interface ConversationDependencies {
  readonly knowledge: KnowledgeService;
  readonly finder: AnswerFinder;
  readonly reader: MessageReader;
  /** Classifies messages with the business's own model; absent if there is none. */
  readonly intents?: MessageIntents;
  readonly chainFor: ChainFor;
  /** Transcribes voice messages; absent if no model can. */
  readonly transcriber?: Transcriber | undefined;
  readonly usage: Pick<UsageService, 'account'>;
  readonly tools: ToolRunner;
  readonly commands: readonly Command[];
  readonly handOver: HandOver;
  readonly unanswered: Pick<UnansweredService, 'record' | 'withdraw'>;
  /** Handles promises models make. */
  readonly promises: PromiseKeeper;
  readonly phrasings: Pick<Phrasings, 'propose'>;
  readonly events: Events;
  /** Records staff actions; absent if nobody keeps them. */
  readonly audit?: AuditLog;
  /** Downloads a file that came with an event. */
  readonly download: (
    scope: TenantScope,
    event: InboxEvent,
    file: FilePart,
    signal: AbortSignal,
  ) => Promise<Uint8Array>;
  /** Models whose text may be sent before it is complete. */
  readonly speakers: PlainSpeakers;
  readonly summaries: Pick<Summaries, 'follow'>;
  readonly i18n: I18n;
  readonly clock: Clock;
  readonly logger: Logger;
}
