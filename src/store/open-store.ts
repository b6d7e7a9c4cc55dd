import mongoose, { type Connection } from 'mongoose';
import type { Clock, Logger, MakeId } from '../contracts/runtime.js';
import type { RoomStore, ServiceStore } from '../contracts/stores.js';
import { mendWaitsOnClosedConnections } from './closed-connections.js';
import { createMemoryBudget } from './conversation-memory.js';
import { Database, versionOf } from './database.js';
import { guarded, storeErrorOf } from './guard.js';
import { accountTable } from './models/accounts.js';
import { apiKeyTable } from './models/api-keys.js';
import { laneTable } from './models/lanes.js';
import { metaTable } from './models/small-tables.js';
import { tenantTable } from './models/tenants.js';
import { retryOnDuplicate } from './retry-on-duplicate.js';
import { Sealer } from './seal.js';
import { SharedWrites } from './shared-writes.js';
import { AccountStateStore } from './service/account-state-store.js';
import { MongoSharedChatStore } from './service/shared-chat-store.js';
import { sharedChatTable } from './models/shared-chats.js';
import { stopTable } from './models/stops.js';
import { waitTable } from './models/waits.js';
import { AccountStore } from './service/account-store.js';
import { KeyStore } from './service/key-store.js';
import { MongoLaneStore } from './service/lane-store.js';
import { OpenTenants } from './service/open-tenants.js';
import { MongoServiceStore } from './service/service-store.js';
import { MongoStopStore } from './service/stop-store.js';
import { MongoTroubleStore } from './service/trouble-store.js';
import { MongoWaitStore } from './service/wait-store.js';
import { TenantStore } from './service/tenant-store.js';
import { Maintenance } from './transfer/maintenance.js';
import { UnusedDatabases } from './transfer/unused-databases.js';

const SERVICE_COLLECTIONS = [
  tenantTable,
  apiKeyTable,
  accountTable,
  laneTable,
  sharedChatTable,
  stopTable,
  waitTable,
];

export interface OpenStoreOptions {
  readonly uri: string;
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly logger: Logger;
  /** The stores that the rooms keep for each tenant. */
  readonly roomStores?: readonly RoomStore<object>[];
  /** Database for the service's own records; default `sapa`. */
  readonly serviceDatabase?: string;
  /** Prefix of each tenant's database name; default `sapa_t_`. */
  readonly databasePrefix?: string;
}

export interface OpenStore {
  readonly service: ServiceStore;
  readonly maintenance: Maintenance;
  /** The only connection pool, on the service's database; anything else that needs MongoDB shares it. */
  readonly connection: Connection;
  /** Rejects with a `StoreError` if the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, creates the service's indexes and finishes work interrupted by a crash. Throws a `StoreError`:
 * `unavailable`, or `corrupt` if the data was written with another master key.
 */
export async function openStore(options: OpenStoreOptions): Promise<OpenStore> {
  const { clock, makeId, logger, databasePrefix = 'sapa_t_', roomStores = [] } = options;
  const sealer = new Sealer(options.masterKey);
  const connection = await connect(options);
  try {
    const database = new Database(connection, connection.name);
    const writes = new SharedWrites(connection);
    const tenants = new TenantStore(database, clock);
    const accounts = new AccountStore(database, clock, sealer);
    const open = new OpenTenants({
      connection,
      databasePrefix,
      tenants,
      clock,
      makeId,
      logger,
      sealer,
      memory: createMemoryBudget(),
      writes,
      roomStores,
    });
    const lanes = new MongoLaneStore(database, clock, writes);
    const service = new MongoServiceStore({
      databasePrefix,
      lanes,
      tenants,
      open,
      keys: new KeyStore(database, clock, makeId, logger),
      accounts,
      accountStates: new AccountStateStore(database, clock, sealer),
      sharedChats: new MongoSharedChatStore(database, clock, sealer),
      stops: new MongoStopStore(database, clock),
      troubles: new MongoTroubleStore(database),
      waits: new MongoWaitStore(database, clock),
    });
    await prepareService(database);
    await accounts.checkMasterKey();
    for (const id of await tenants.erasing()) await service.finishErasing(id);
    const maintenance = new Maintenance({
      database,
      databasePrefix,
      tenants,
      open,
      unused: new UnusedDatabases({ database, open, clock }),
      markLane: lanes.mark.bind(lanes),
      clock,
      makeId,
      sealer,
      roomStores,
    });
    return {
      ...running(connection, database, open),
      service: guarded(service),
      maintenance: guarded(maintenance),
    };
  } catch (error) {
    await connection.close();
    throw storeErrorOf(error);
  }
}

/**
 * Creates the service's indexes unless this version of Sapa has already done so, and records it afterwards.
 */
async function prepareService(database: Database): Promise<void> {
  const notes = database.rows(metaTable);
  const note = { _id: 'indexes', kind: 'indexes', subject: versionOf(SERVICE_COLLECTIONS) } as const;
  const existing = await notes.findOne({ _id: note._id });
  if (existing?.subject === note.subject) return;
  await database.createIndexes(SERVICE_COLLECTIONS);
  const { _id, ...fields } = note;
  await retryOnDuplicate(() => notes.updateOne({ _id }, { $set: fields }, { upsert: true }));
}

function running(
  connection: Connection,
  database: Database,
  open: OpenTenants,
): Pick<OpenStore, 'connection' | 'ping' | 'close'> {
  const closing = new AbortController();
  const watching = open.watch(closing.signal);
  return {
    connection,
    async ping() {
      await database.native.command({ ping: 1 }).catch((error: unknown) => {
        throw storeErrorOf(error);
      });
    },
    async close() {
      closing.abort();
      await watching;
      await connection.close();
    },
  };
}

async function connect({ uri, logger, serviceDatabase = 'sapa' }: OpenStoreOptions): Promise<Connection> {
  mendWaitsOnClosedConnections();
  const connection = mongoose.createConnection(uri, {
    dbName: serviceDatabase,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    sanitizeFilter: true,
    ignoreUndefined: true,
    maxPoolSize: 50,
    serverSelectionTimeoutMS: 5000,
    connectTimeoutMS: 5000,
    // If the server is cut off silently, the command fails instead of blocking its conversation.
    socketTimeoutMS: 60_000,
    // "Durable when resolved": written on a majority of a replica set's members, and to the journal.
    writeConcern: { w: 'majority', journal: true },
  });
  // The caller gets the error of a failed first connection; only later failures are logged here.
  let isConnected = false;
  connection.on('error', (error: unknown) => {
    if (isConnected) logger.error({ error }, 'the connection to the database failed');
  });
  let isClosing = false;
  connection.on('close', () => {
    isClosing = true;
  });
  connection.on('disconnecting', () => {
    isClosing = true;
  });
  connection.on('disconnected', () => {
    if (isConnected && !isClosing) logger.warn({}, 'the database is not reachable');
  });
  try {
    await connection.asPromise();
    isConnected = true;
    return connection;
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw storeErrorOf(error);
  }
}
