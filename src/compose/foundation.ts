import { join } from 'node:path';
import { loadSecrets } from '../config/index.js';
import type { Secrets, Settings } from '../config/index.js';
import type { I18n } from '../contracts/i18n.js';
import type { Metrics } from '../contracts/metrics.js';
import type { JobQueue } from '../contracts/queue.js';
import type { Clock, Fetch, Logger, MakeId } from '../contracts/runtime.js';
import type { RoomStore, ServiceStore, TenantScope } from '../contracts/stores.js';
import { createI18n } from '../i18n/index.js';
import { createJobQueue } from '../jobs/index.js';
import { systemClock } from '../lib/time/clock.js';
import { createGuardedFetch, type GuardedFetch } from '../lib/net/guarded-fetch.js';
import { makeId } from '../lib/ids/make-id.js';
import { projectRoot } from '../lib/project-root.js';
import type { EmbeddedStore } from '../store/embedded/index.js';
import { answersSearchIndexes } from '../knowledge/index.js';
import { openStore } from '../store/index.js';
import type { Maintenance, OpenStore } from '../store/index.js';
import { createMetrics } from '../telemetry/index.js';
import { watchSettings, type SettingsFollower } from './watch-settings.js';

/** Available before anything is opened. */
export interface Essentials {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** The only way to reach addresses that outsiders have named. */
  readonly outbound: GuardedFetch;
  readonly makeId: MakeId;
  readonly metrics: Metrics;
  readonly i18n: I18n;
}

/** What every room builds on. */
export interface Foundation extends Essentials {
  readonly secrets: Secrets;
  readonly service: ServiceStore;
  /** For anything that runs on a schedule from the settings. */
  followSettings(follower: SettingsFollower): void;
  readonly maintenance: Maintenance;
  readonly queue: JobQueue;
  /** A human-readable name of the store. */
  readonly storeRole: string;
  /** Search runs in the database, because of the settings or what the server supports. */
  readonly searchesInStore: boolean;
  ping(): Promise<void>;
  closeStore(): Promise<void>;
}

/** `texts`: additional folders of texts. */
export function makeEssentials(settings: Settings, logger: Logger, texts: readonly string[]): Essentials {
  return {
    settings,
    logger,
    clock: systemClock,
    fetch: (input, init) => globalThis.fetch(input, init),
    outbound: createGuardedFetch({ allow: settings.OUTBOUND_ALLOW }),
    makeId,
    metrics: createMetrics(),
    i18n: createI18n({ folder: join(projectRoot, 'locales'), more: texts }),
  };
}

/** `opening` is the local embedded store; absent if the settings name a MongoDB server. */
export async function layFoundation(
  essentials: Essentials,
  opening: Promise<EmbeddedStore> | undefined,
  roomStores: readonly RoomStore<object>[],
): Promise<Foundation> {
  const { settings, clock, logger } = essentials;
  const secrets = await loadSecrets(settings);
  const embedded = await opening;
  const uri = embedded?.uri ?? settings.MONGODB_URI;
  if (uri === undefined) throw new Error('there is neither a store of this machine nor a server');
  const { masterKey } = secrets;
  const store = await openStore({ uri, masterKey, clock, makeId, logger, roomStores });
  const { maintenance } = store;
  const { service, follow, settled } = watchSettings(store.service, logger);
  const scope = (tenantId: string): Promise<TenantScope | undefined> => service.scope(tenantId);
  return {
    ...essentials,
    secrets,
    service,
    followSettings: follow,
    maintenance,
    queue: createJobQueue({ database: databaseOf(store), scope, clock, logger }),
    searchesInStore: await searchesInStore(settings, databaseOf(store)),
    storeRole: embedded === undefined ? 'MongoDB' : `embedded, ${embedded.role()}`,
    ping: () => store.ping(),
    async closeStore() {
      await settled();
      await store.close();
      await embedded?.close();
    },
  };
}

/** Automatic only for an external server: the embedded store is faster when searched in-process. */
async function searchesInStore(
  { KNOWLEDGE_SEARCH: mode, MONGODB_URI: uri }: Settings,
  database: ReturnType<typeof databaseOf>,
): Promise<boolean> {
  if (mode !== 'auto') return mode === 'server';
  return uri !== undefined && (await answersSearchIndexes(database.collection('tenants')));
}

function databaseOf(store: OpenStore): Parameters<typeof createJobQueue>[0]['database'] {
  const { db } = store.connection;
  if (db === undefined) throw new Error('the store is not connected');
  return db;
}
