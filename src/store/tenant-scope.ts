import type { Clock, MakeId } from '../contracts/runtime.js';
import type { Tenant, TenantScope } from '../contracts/stores.js';
import { versionOf, type Database, type IndexedCollection } from './database.js';
import { guarded } from './guard.js';
import { contactTable } from './models/contacts.js';
import { conversationTable } from './models/conversations.js';
import { chunkTable, documentTable } from './models/documents.js';
import { faqTable } from './models/faq-entries.js';
import { inboxTable } from './models/inbox-events.js';
import { codeTable, idempotencyTable, metaTable } from './models/small-tables.js';
import { turnTable } from './models/turns.js';
import { unansweredTable } from './models/unanswered-questions.js';
import type { Sealer } from './seal.js';
import { MongoCodeStore } from './stores/code-store.js';
import { MongoContactStore } from './stores/contact-store.js';
import { MongoConversationStore } from './stores/conversation-store.js';
import { MongoDocumentStore } from './stores/document-store.js';
import { MongoFaqStore } from './stores/faq-store.js';
import { MongoFileStore } from './stores/file-store.js';
import { MongoIdempotencyStore } from './stores/idempotency-store.js';
import { MongoInboxStore } from './stores/inbox-store.js';
import { KnowledgeRevision } from './stores/knowledge-revision.js';
import { MongoTurnStore } from './stores/turn-store.js';
import { MongoUnansweredStore } from './stores/unanswered-store.js';

/** Collections of one tenant; with GridFS's two and all indexes at most 50 namespaces. */
export const TENANT_COLLECTIONS: readonly IndexedCollection[] = [
  inboxTable,
  turnTable,
  conversationTable,
  contactTable,
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
}

const VERSION = versionOf(TENANT_COLLECTIONS);

/** Says that this database has the indexes that this version of Sapa defines; of no other database. */
export const preparedMark = (database: Database): string => `${VERSION}:${database.name}`;

/** Makes the indexes, unless `mark` says that they are there, and finishes what a crash interrupted. */
export async function prepareTenant(
  database: Database,
  deps: ScopeDependencies,
  mark?: string,
): Promise<void> {
  if (mark !== preparedMark(database)) await database.createIndexes(TENANT_COLLECTIONS);
  const knowledge = new KnowledgeRevision(database);
  await new MongoDocumentStore(database, knowledge).repair();
  await new MongoFaqStore(database, knowledge, deps.clock, deps.makeId).repair();
}

export function createTenantScope(tenant: Tenant, database: Database, deps: ScopeDependencies): TenantScope {
  const { clock, makeId, sealer } = deps;
  const knowledge = new KnowledgeRevision(database);
  return Object.freeze({
    tenantId: tenant.id,
    settings: tenant.settings,
    inbox: guarded(new MongoInboxStore(database)),
    turns: guarded(new MongoTurnStore(database)),
    conversations: guarded(new MongoConversationStore(database, clock)),
    contacts: guarded(new MongoContactStore(database, makeId)),
    documents: guarded(new MongoDocumentStore(database, knowledge)),
    faq: guarded(new MongoFaqStore(database, knowledge, clock, makeId)),
    files: guarded(new MongoFileStore(database, makeId)),
    unanswered: guarded(new MongoUnansweredStore(database)),
    idempotency: guarded(new MongoIdempotencyStore(database, clock)),
    codes: guarded(new MongoCodeStore(database, tenant.id, sealer)),
  });
}

/** The same stores with changed settings. */
export function withSettings(scope: TenantScope, tenant: Tenant): TenantScope {
  return Object.freeze({ ...scope, settings: tenant.settings });
}
