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
 * All of one tenant's data, and the only way to it. Created from a credential, a channel account or a job of
 * the tenant; nothing in it takes a tenant id.
 */
export interface TenantScope {
  readonly tenantId: string;
  /** Immutable; changed settings come with a new scope object. */
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
  /** The records a room keeps for its tenants; the same object on every call. */
  store<Store extends object>(definition: RoomStore<Store>): Store;
}
