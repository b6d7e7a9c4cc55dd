import type { AuditLog } from '../contracts/audit.js';
import type { Events } from '../contracts/events.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock, Logger, MakeId } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import type { Webhooks } from '../contracts/webhooks.js';
import type { Route } from '../lib/api/route.js';
import type { HttpLimits } from './limits.js';

export interface HttpConfig {
  /** Origins that may call the API from a browser; `*` allows all. */
  readonly corsOrigins: readonly string[];
  /** How many proxies in front are believed what they forward: 0 for none. */
  readonly trustProxy: number;
  readonly publicUrl?: string;
  /** Business of the playground where no Host is mapped. */
  readonly demoTenantId?: string;
  readonly limits: HttpLimits;
  /** Shown in the API's description. */
  readonly version: string;
}

/** What the server itself needs, whichever routes it serves. */
export interface ServerDependencies {
  readonly service: ServiceStore;
  readonly webhooks: Webhooks;
  readonly events: Events;
  /** Who changed what; absent where nobody keeps it. */
  readonly audit?: AuditLog;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly logger: Logger;
  /** Constant time. */
  isAdminKey(key: string): boolean;
  /** 32 bytes: signs visitors' tokens and seals stored answers that hold a key. */
  readonly secret: Uint8Array;
  readonly config: HttpConfig;
  /** Folder of the playground and the widget. */
  readonly pagesFolder: string;
  /** Routes that other rooms bring. */
  readonly routes?: readonly Route[];
}
