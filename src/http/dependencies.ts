import type { AuditLog } from '../contracts/audit.js';
import type { Events } from '../contracts/events.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock, Logger, MakeId } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import type { Webhooks } from '../contracts/webhooks.js';
import type { Route } from '../lib/api/route.js';
import type { HttpLimits } from './limits.js';

export interface HttpConfig {
  /** Origins allowed to call the API from a browser; `*` allows all. */
  readonly corsOrigins: readonly string[];
  /** Number of trusted proxies in front of the service; 0 for none. */
  readonly trustProxy: number;
  readonly publicUrl?: string;
  /** The playground's business, used if no Host is mapped. */
  readonly demoTenantId?: string;
  readonly limits: HttpLimits;
  /** Shown in the API description. */
  readonly version: string;
}

/** What the server itself needs, regardless of the routes it serves. */
export interface ServerDependencies {
  readonly service: ServiceStore;
  readonly webhooks: Webhooks;
  readonly events: Events;
  /** Records changes; absent if there is no audit trail. */
  readonly audit?: AuditLog;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly logger: Logger;
  /** Compares in constant time. */
  isAdminKey(key: string): boolean;
  /** 32 bytes: signs visitor tokens and seals stored answers that contain a key. */
  readonly secret: Uint8Array;
  readonly config: HttpConfig;
  /** Folder of the playground and the widget. */
  readonly pagesFolder: string;
  /** Routes contributed by other rooms. */
  readonly routes?: readonly Route[];
}
