import type { AnswerFinder, MessageReader } from '../contracts/answers.js';
import type { Command } from '../contracts/command.js';
import type { AuditLog } from '../contracts/audit.js';
import type { Events } from '../contracts/events.js';
import type { HandOver } from '../contracts/hand-over.js';
import type { I18n } from '../contracts/i18n.js';
import type { MessageIntents } from '../contracts/intents.js';
import type { KnowledgeService, UnansweredService } from '../contracts/knowledge.js';
import type { Phrasings } from '../contracts/phrasings.js';
import type { ModelChain } from '../contracts/model.js';
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

/** What the pipeline needs of the other rooms. */
export interface ConversationDependencies {
  readonly knowledge: KnowledgeService;
  readonly finder: AnswerFinder;
  readonly reader: MessageReader;
  /** Reads messages by a business's own model; absent where there are no such models. */
  readonly intents?: MessageIntents;
  /** The models for a business's own chain, or for the chain of the service. */
  readonly chainFor: (spec: readonly string[]) => ModelChain;
  /** Hears voice messages; absent where no model can. */
  readonly transcriber?: Transcriber | undefined;
  readonly usage: Pick<UsageService, 'account'>;
  readonly tools: ToolRunner;
  readonly commands: readonly Command[];
  readonly handOver: HandOver;
  readonly unanswered: Pick<UnansweredService, 'record' | 'withdraw'>;
  /** What becomes of what models promise. */
  readonly promises: PromiseKeeper;
  readonly phrasings: Pick<Phrasings, 'propose'>;
  readonly events: Events;
  /** Who of staff did what; absent where nobody keeps it. */
  readonly audit?: AuditLog;
  /** Bytes of a file that came with an event. */
  readonly download: (
    scope: TenantScope,
    event: InboxEvent,
    file: FilePart,
    signal: AbortSignal,
  ) => Promise<Uint8Array>;
  /** Models whose words may leave before they have finished. */
  readonly speakers: PlainSpeakers;
  readonly summaries: Pick<Summaries, 'follow'>;
  readonly i18n: I18n;
  readonly clock: Clock;
  readonly logger: Logger;
}
