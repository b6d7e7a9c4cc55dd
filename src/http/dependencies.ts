import type { Channel, ChatAddress } from '../contracts/channel.js';
import type { Intake, Outreach } from '../contracts/chat.js';
import type { I18n } from '../contracts/i18n.js';
import type { FaqService, KnowledgeService, UnansweredService } from '../contracts/knowledge.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock, Logger, MakeId } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import type { Webhooks } from '../contracts/webhooks.js';
import type { HttpLimits } from './limits.js';

export interface HttpConfig {
  /** Origins that may call the API from a browser; `*` allows all. */
  readonly corsOrigins: readonly string[];
  /** Believe `X-Forwarded-For`, `-Proto` and `-Host` of the proxy in front. */
  readonly trustProxy: boolean;
  readonly publicUrl?: string;
  /** Business of the playground where no Host is mapped. */
  readonly demoTenantId?: string;
  readonly limits: HttpLimits;
  /** Shown in the API's description. */
  readonly version: string;
}

/** Everything HTTP needs of the rest of the house. */
export interface HttpDependencies {
  readonly service: ServiceStore;
  readonly intake: Intake;
  readonly outreach: Outreach;
  readonly knowledge: KnowledgeService;
  readonly faq: FaqService;
  readonly unanswered: UnansweredService;
  readonly models: {
    /** Names that a chain of models may use before the colon. */
    readonly providers: readonly string[];
  };
  readonly metrics: Metrics;
  readonly i18n: I18n;
  /** What accounts can be made of. */
  readonly channels: readonly Channel[];
  readonly webhooks: Webhooks;
  /** An account was added, replaced or removed: its connection must follow. */
  accountsChanged(): void;
  /** The id that `Intake.accept` gives the conversation at this address. */
  conversationIdOf(accountId: string, chat: ChatAddress): string;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly logger: Logger;
  /** Constant time. */
  isAdminKey(key: string): boolean;
  ready(): Promise<{ readonly ok: boolean; readonly checks: Readonly<Record<string, string>> }>;
  /** 32 bytes: signs visitors' tokens and seals stored answers that hold a key. */
  readonly secret: Uint8Array;
  readonly config: HttpConfig;
  /** Folder of the playground and the widget. */
  readonly pagesFolder: string;
}
