import type { TenantSettings } from '../settings.js';
import type { CodeStore } from './codes.js';
import type { ContactStore } from './contacts.js';
import type { ConversationStore } from './conversations.js';
import type { DocumentStore } from './documents.js';
import type { FaqStore } from './faq.js';
import type { FileStore } from './files.js';
import type { IdempotencyStore } from './idempotency.js';
import type { InboxStore } from './inbox.js';
import type { RoomStore } from './room-store.js';
import type { TurnStore } from './turns.js';
import type { UnansweredStore } from './unanswered.js';

/**
 * Everything of one tenant, and the only way to it. Made from a credential, a channel account
 * or a job of the tenant; nothing in it takes a tenant id.
 */
export interface TenantScope {
  readonly tenantId: string;
  /** Immutable; a new scope object carries changed settings. */
  readonly settings: TenantSettings;
  readonly inbox: InboxStore;
  readonly turns: TurnStore;
  readonly conversations: ConversationStore;
  readonly contacts: ContactStore;
  readonly documents: DocumentStore;
  readonly faq: FaqStore;
  readonly files: FileStore;
  readonly unanswered: UnansweredStore;
  readonly idempotency: IdempotencyStore;
  readonly codes: CodeStore;
  /** The records that a room keeps for its tenants; the same object each time. */
  store<Store extends object>(definition: RoomStore<Store>): Store;
}
