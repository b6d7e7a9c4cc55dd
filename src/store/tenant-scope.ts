import type { Clock, MakeId } from '../contracts/runtime.js';
import type { RoomData, RoomStore, Tenant, TenantScope } from '../contracts/stores.js';
import { ConversationMemory, type MemoryBudget } from './conversation-memory.js';
import { isBasic, versionOf, type Database, type IndexedCollection } from './database.js';
import { guarded } from './guard.js';
import { contactNoteTable, contactTable } from './models/contacts.js';
import { conversationTable } from './models/conversations.js';
import { chunkTable, documentTable } from './models/documents.js';
import { faqTable } from './models/faq-entries.js';
import { inboxTable } from './models/inbox-events.js';
import { codeTable, idempotencyTable, metaTable } from './models/small-tables.js';
import { turnTable } from './models/turns.js';
import { unansweredTable } from './models/unanswered-questions.js';
import type { Sealer } from './seal.js';
import type { SharedWrites } from './shared-writes.js';
import { upgradeRows } from './stores/upgrade-rows.js';
import { MongoCodeStore } from './stores/code-store.js';
import { MongoContactStore } from './stores/contact-store.js';
import type { EraseElsewhere } from './stores/erase-person.js';
import { MongoConversationStore } from './stores/conversation-store.js';
import { MongoDocumentStore } from './stores/document-store.js';
import { MongoFaqStore } from './stores/faq-store.js';
import { MongoFileStore } from './stores/file-store.js';
import { MongoIdempotencyStore } from './stores/idempotency-store.js';
import { MongoInboxStore } from './stores/inbox-store.js';
import { KnowledgeRevision } from './stores/knowledge-revision.js';
import { MongoTurnStore } from './stores/turn-store.js';
import { MongoUnansweredStore } from './stores/unanswered-store.js';

/**
 * The pipeline's own collections for every tenant; with GridFS's two and all indexes at most 50 namespaces.
 */
const OWN_COLLECTIONS: readonly IndexedCollection[] = [
  inboxTable,
  turnTable,
  conversationTable,
  contactTable,
  contactNoteTable,
  documentTable,
  chunkTable,
  faqTable,
  unansweredTable,
  idempotencyTable,
  codeTable,
  metaTable,
];

export interface ScopeDependencies {
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly sealer: Sealer;
  /** The stores that the rooms keep for each tenant. */
  readonly roomStores: readonly RoomStore<object>[];
}

/** Every collection of a tenant. Throws if two have the same name, as they would share one collection. */
function collectionsOf({ roomStores }: ScopeDependencies): readonly IndexedCollection[] {
  const all = [...OWN_COLLECTIONS, ...roomStores.flatMap(({ tables }) => tables)];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two rooms keep a collection named ${twice}`);
  return all;
}

/** Marks that this database, and no other, has the indexes this version of Sapa defines. */
export function preparedMark(database: Database, deps: ScopeDependencies): string {
  return `${versionOf(collectionsOf(deps))}:${database.name}`;
}

/** Creates the indexes, unless `mark` shows that they exist, and finishes work interrupted by a crash. */
export async function prepareTenant(
  database: Database,
  deps: ScopeDependencies,
  mark?: string,
): Promise<void> {
  if (mark !== preparedMark(database, deps)) {
    const existing = await database.collectionNames();
    // Other collections get their indexes before their first row.
    const tables = collectionsOf(deps).filter((table) => isBasic(table) || existing.has(table.name));
    await database.createIndexes(tables);
    await upgradeRows(database);
  }
  const knowledge = new KnowledgeRevision(database);
  await new MongoDocumentStore(database, knowledge).repair();
  await new MongoFaqStore(database, knowledge, deps.clock, deps.makeId).repair();
}

export interface OpenScopeDependencies extends ScopeDependencies {
  /** The cache of conversations, shared by all tenants of this process. */
  readonly memory: MemoryBudget;
  readonly writes: SharedWrites;
  readonly reconfigured: () => Promise<void>;
}

export function createTenantScope(
  tenant: Tenant,
  database: Database,
  deps: OpenScopeDependencies,
): TenantScope {
  const { clock, makeId, sealer } = deps;
  const knowledge = new KnowledgeRevision(database);
  const memory = new ConversationMemory(deps.memory, database.name);
  const turns = new MongoTurnStore(database, memory, deps.writes);
  return Object.freeze({
    tenantId: tenant.id,
    settings: tenant.settings,
    inbox: guarded(new MongoInboxStore(database, deps.writes)),
    turns: guarded(turns),
    conversations: guarded(new MongoConversationStore(database, clock, memory, turns)),
    contacts: guarded(
      new MongoContactStore(database, clock, makeId, memory, eraseInRooms(tenant.id, database, deps)),
    ),
    documents: guarded(new MongoDocumentStore(database, knowledge)),
    faq: guarded(new MongoFaqStore(database, knowledge, clock, makeId)),
    files: guarded(new MongoFileStore(database, makeId)),
    unanswered: guarded(new MongoUnansweredStore(database)),
    idempotency: guarded(new MongoIdempotencyStore(database, clock)),
    codes: guarded(new MongoCodeStore(database, tenant.id, sealer)),
    store: openRoomStores(tenant.id, database, deps),
  });
}

function eraseInRooms(
  tenantId: string,
  database: Database,
  { clock, makeId, roomStores, reconfigured }: OpenScopeDependencies,
): EraseElsewhere {
  return async (person) => {
    const data: RoomData = { tenantId, clock, makeId, reconfigured, rows: (table) => database.rows(table) };
    for (const store of roomStores) await store.erase?.(data, person);
  };
}

/** Opens the rooms' stores for the tenant, each store once. */
function openRoomStores(
  tenantId: string,
  database: Database,
  { clock, makeId, roomStores, reconfigured }: OpenScopeDependencies,
): TenantScope['store'] {
  const opened = new Map<object, object>();
  return <Store extends object>(definition: RoomStore<Store>): Store => {
    const cached = opened.get(definition);
    if (cached !== undefined) return cached as Store;
    // Without its indexes a store would be slow, and its unique values would not be unique.
    if (!roomStores.includes(definition)) throw new Error('a store that no room lists was asked for');
    const store = guarded(
      definition.open({ tenantId, clock, makeId, rows: (table) => database.rows(table), reconfigured }),
    );
    opened.set(definition, store);
    return store;
  };
}

/** The same stores with changed settings. */
export function withSettings(scope: TenantScope, tenant: Tenant): TenantScope {
  return Object.freeze({ ...scope, settings: tenant.settings });
}
