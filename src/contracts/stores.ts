export type { CodeStore } from './stores/codes.js';
export type {
  Contact,
  ContactChange,
  ContactField,
  ContactFilter,
  ContactIdentity,
  ContactNote,
  ContactStore,
} from './stores/contacts.js';
export type {
  Conversation,
  ConversationFilter,
  ConversationSummary,
  ConversationMessage,
  ConversationStore,
  LastMessage,
  Recalled,
} from './stores/conversations.js';
export type { DocumentStore, IndexedDocument, StoredChunk, StoredDocument } from './stores/documents.js';
export type { FaqStore } from './stores/faq.js';
export type { FileStore } from './stores/files.js';
export type { IdempotencyStore, StoredResponse } from './stores/idempotency.js';
export type { InboxStore } from './stores/inbox.js';
export type { Lane, LaneRest, LaneStore, PreparedWrite } from './stores/lanes.js';
export { allItems } from './stores/page.js';
export type { Page, PageRequest } from './stores/page.js';
export type { SharedChatKey, SharedChatStore } from './stores/shared-chats.js';
export type { AnswerKey, StopStore } from './stores/stops.js';
export type {
  AccountRecord,
  ApiKeyInfo,
  KeyHolder,
  ServiceStore,
  Tenant,
  TroubleStore,
} from './stores/service.js';
export { defineRoomStore, defineRoomTable } from './stores/room-store.js';
export type { ErasedPerson, TableIndex, RoomData, RoomStore, RoomTable } from './stores/room-store.js';
export type { TenantScope } from './stores/tenant-scope.js';
export type { AnswerDraft, OpenQuestion, UnansweredQuestion, UnansweredStore } from './stores/unanswered.js';
export type { WaitStore } from './stores/waits.js';
export type { Feedback, RatedTurn, TurnFacts, TurnStore } from './stores/turns.js';

/** What every store throws. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly kind: 'unavailable' | 'conflict' | 'outdated' | 'full' | 'corrupt' | 'invalid-cursor',
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
