import type { ChatAddress, ConnectionState } from './channel.js';
import type { Chunk, DocumentMetadata, DocumentKind, DocumentSummary, FaqEntry } from './document.js';
import type { HistoryMessage, Locale } from './message.js';
import type { TenantSettings } from './settings.js';
import type { BubbleDelivery, InboxEvent, Turn, TurnAnswer } from './turn.js';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string;
}

export interface PageRequest {
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

/** Inbound events, stored before the platform is told "received". */
export interface InboxStore {
  /** Durable when resolved. A known key changes nothing and returns the stored row. */
  accept(
    event: Omit<InboxEvent, 'attempts' | 'status'>,
  ): Promise<{ readonly stored: InboxEvent; readonly duplicate: boolean }>;
  get(key: string): Promise<InboxEvent | undefined>;
  /** Unanswered events of one conversation in platform order. */
  pending(conversationId: string): Promise<readonly InboxEvent[]>;
  /** Counts a try; the event is `dead` once `attempts` reaches `maximum`. Returns the new state. */
  recordAttempt(keys: readonly string[], maximum: number): Promise<readonly InboxEvent[]>;
  markAnswered(keys: readonly string[]): Promise<void>;
}

/** Answers and their delivery: outbox and history in one. */
export interface TurnStore {
  /**
   * The commit point of a turn. `false` when one of its events already has an answer, which
   * then stands; nothing is written.
   */
  commit(turn: Turn): Promise<boolean>;
  get(id: string): Promise<Turn | undefined>;
  /** The turn that answers this inbox event. */
  answering(eventKey: string): Promise<Turn | undefined>;
  /** Turns of the conversation with bubbles to deliver, oldest first. */
  undelivered(conversationId: string): Promise<readonly Turn[]>;
  /**
   * Moves one bubble to its next state if it still is in state `from` (and, for `sending`, of
   * that owner). `false` when someone else moved it first.
   */
  moveBubble(
    turnId: string,
    index: number,
    from: { readonly state: BubbleDelivery['state']; readonly owner?: string },
    to: BubbleDelivery,
  ): Promise<boolean>;
  /** Message id of the last bubble sent to this conversation, if any. */
  lastReceipt(conversationId: string): Promise<string | undefined>;
  /** Newest last. */
  recent(conversationId: string, limit: number): Promise<readonly Turn[]>;
  saveFeedback(turnId: string, feedback: Feedback): Promise<boolean>;
}

export interface Feedback {
  readonly rating: 'up' | 'down';
  readonly comment?: string;
  readonly at: Date;
}

/**
 * Which process may work on a conversation, across all processes. A lane is marked before the
 * event is stored, so a crash can leave an empty lane but never an event without one.
 */
export interface LaneStore {
  /** Makes sure that the lane is looked at no later than `dueAt`. */
  mark(tenantId: string, conversationId: string, dueAt: Date): Promise<void>;
  /**
   * Makes the lane and takes it, durably and in one step. `undefined` when it exists: only of a
   * lane that did not is it known that nothing waited in it.
   */
  open(tenantId: string, conversationId: string, owner: string, leaseMs: number): Promise<Lane | undefined>;
  /** Takes one lane, whether due or not, unless another live owner has it. */
  claim(tenantId: string, conversationId: string, owner: string, leaseMs: number): Promise<Lane | undefined>;
  /** Takes any lane that is due. */
  claimDue(owner: string, leaseMs: number): Promise<Lane | undefined>;
  /** `false`: the lane was lost, stop at once. */
  renew(lane: Lane, leaseMs: number): Promise<boolean>;
  /**
   * Gives the lane back: removed when `nextDueAt` is absent and nobody marked it since it was
   * claimed.
   */
  release(lane: Lane, nextDueAt?: Date): Promise<void>;
  /** Frees what dead processes of this host hold; returns how many lanes that were. */
  releaseOwner(owner: string): Promise<number>;
  /** Owners that hold lanes now. */
  owners(): Promise<readonly string[]>;
}

export interface Lane {
  readonly tenantId: string;
  readonly conversationId: string;
  readonly owner: string;
  /** Grows with each claim. */
  readonly fence: number;
}

export interface Conversation {
  readonly id: string;
  readonly accountId: string;
  readonly channel: string;
  readonly contactId: string;
  /** Where it takes place, so that the business can speak first. */
  readonly chat: ChatAddress;
  readonly title: string;
  /** `human`: a person answers, the bot is silent. */
  readonly mode: 'bot' | 'human' | 'paused';
  readonly locale?: Locale;
  /** Position of /forget: what is older is not shown to the model. */
  readonly forgottenBefore?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ConversationStore {
  /** Made on first sight; parallel calls make one. */
  ensure(conversation: {
    readonly id: string;
    readonly accountId: string;
    readonly channel: string;
    readonly contactId: string;
    readonly chat: ChatAddress;
    readonly title: string;
    readonly at: Date;
  }): Promise<Conversation>;
  get(id: string): Promise<Conversation | undefined>;
  update(
    id: string,
    change: {
      readonly mode?: Conversation['mode'];
      readonly locale?: Locale;
      readonly forgottenBefore?: Date;
    },
  ): Promise<Conversation | undefined>;
  list(page: PageRequest): Promise<Page<Conversation>>;
  /** One item per message of a person and one per answer, oldest first. */
  messages(id: string, page: PageRequest): Promise<Page<ConversationMessage>>;
}

export interface ConversationMessage extends HistoryMessage {
  readonly channel: string;
  readonly source?: TurnAnswer['source'];
  readonly citations?: TurnAnswer['citations'];
}

export interface Contact {
  readonly id: string;
  readonly name?: string;
  readonly locale?: Locale;
  readonly identities: readonly {
    readonly channel: string;
    readonly accountId: string;
    readonly userId: string;
  }[];
  readonly isStaff: boolean;
  readonly createdAt: Date;
}

export interface ContactStore {
  /** The contact with this identity, made on first sight; parallel calls make one. */
  ensure(identity: {
    readonly channel: string;
    readonly accountId: string;
    readonly userId: string;
    readonly name?: string;
    readonly at: Date;
  }): Promise<Contact>;
  get(id: string): Promise<Contact | undefined>;
  update(
    id: string,
    change: { readonly name?: string; readonly locale?: Locale; readonly isStaff?: boolean },
  ): Promise<Contact | undefined>;
}

/** A document as it is kept: the summary and the hash of its content. */
export interface StoredDocument extends DocumentSummary {
  readonly contentHash: string;
  /** Chunks of this generation are live; others are being built or are garbage. */
  readonly generation: number;
}

export interface StoredChunk extends Chunk {
  readonly generation: number;
  readonly vector?: { readonly modelId: string; readonly values: Float32Array };
}

export interface DocumentStore {
  get(id: string): Promise<StoredDocument | undefined>;
  list(page: PageRequest): Promise<Page<StoredDocument>>;
  /** Writes the whole document, new or changed. */
  put(document: StoredDocument): Promise<void>;
  /** Changes some fields; `undefined` when it does not exist. */
  update(
    id: string,
    change: Partial<Omit<StoredDocument, 'id' | 'createdAt'>>,
  ): Promise<StoredDocument | undefined>;
  /** Removes the document, every generation of its chunks, and its file. */
  remove(id: string): Promise<boolean>;
  /** Chunks of a generation are written before the document names it live. */
  putChunks(documentId: string, generation: number, chunks: readonly StoredChunk[]): Promise<void>;
  /** Makes `generation` the live one in one step, then removes the others. Bumps the knowledge revision. */
  publish(
    documentId: string,
    generation: number,
    change: Partial<Omit<StoredDocument, 'id' | 'createdAt' | 'generation'>>,
  ): Promise<StoredDocument | undefined>;
  /** Live chunks of one document, in order. */
  chunks(documentId: string): Promise<readonly StoredChunk[]>;
  /** Live chunks of all ready documents with what a search needs to know of the document. */
  allChunks(): AsyncIterable<StoredChunk & { readonly document: IndexedDocument }>;
  /** Grows with each publish and remove of documents and FAQ entries, in any process. */
  revision(): Promise<number>;
  /** Original bytes of an upload, compressed with zstd. */
  putFile(documentId: string, bytes: Uint8Array): Promise<void>;
  getFile(documentId: string): Promise<Uint8Array | undefined>;
}

export interface IndexedDocument {
  readonly id: string;
  readonly title: string;
  readonly kind: DocumentKind;
  readonly locale: Locale | undefined;
  readonly metadata: DocumentMetadata;
}

export interface FaqStore {
  all(): Promise<readonly FaqEntry[]>;
  get(id: string): Promise<FaqEntry | undefined>;
  list(page: PageRequest): Promise<Page<FaqEntry>>;
  /** All or none. Bumps the knowledge revision. */
  insert(entries: readonly FaqEntry[]): Promise<void>;
  update(
    id: string,
    change: Partial<Pick<FaqEntry, 'question' | 'answer' | 'locale' | 'updatedAt'>>,
  ): Promise<FaqEntry | undefined>;
  remove(id: string): Promise<boolean>;
}

export interface UnansweredQuestion {
  readonly id: string;
  readonly question: string;
  readonly locale: Locale;
  /** Conversations that asked it, newest last, at most 100. */
  readonly askedIn: readonly string[];
  readonly count: number;
  readonly status: 'open' | 'answered' | 'dismissed';
  readonly firstAskedAt: Date;
  readonly lastAskedAt: Date;
}

export interface UnansweredStore {
  /** The same words in the same language count up. */
  record(question: {
    readonly text: string;
    readonly locale: Locale;
    readonly conversationId: string;
    readonly at: Date;
  }): Promise<void>;
  get(id: string): Promise<UnansweredQuestion | undefined>;
  list(page: PageRequest): Promise<Page<UnansweredQuestion>>;
  setStatus(id: string, status: UnansweredQuestion['status']): Promise<UnansweredQuestion | undefined>;
}

/** The stored answer to a write that carried an Idempotency-Key. */
export interface StoredResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Remembers writes by Idempotency-Key for at least 24 hours. */
export interface IdempotencyStore {
  /**
   * Claims the key for this request. `new`: run it, then `finish`. A claim whose process died is
   * free again after `leaseMs`.
   */
  begin(
    key: string,
    requestHash: string,
    leaseMs: number,
  ): Promise<
    | { readonly type: 'new' }
    | { readonly type: 'in-progress' }
    | { readonly type: 'conflict' }
    | { readonly type: 'done'; readonly response: StoredResponse }
  >;
  /** `keep` makes it outlast the 24 hours: for what happens once in the life of a tenant. */
  finish(key: string, response: StoredResponse, options?: { readonly keep: 'forever' }): Promise<void>;
  /** The request failed in a way that may be tried again: forget the claim. */
  abandon(key: string): Promise<void>;
}

/** One-time codes, e.g. for `/claim`: kept as hashes. */
export interface CodeStore {
  /** Returns the code, 8 characters that are easy to type, shown once. */
  create(purpose: 'claim-staff', expiresAt: Date): Promise<string>;
  /** Spends the code; `false` when it is unknown, used or expired. */
  spend(purpose: 'claim-staff', code: string, now: Date): Promise<boolean>;
}

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
  readonly unanswered: UnansweredStore;
  readonly idempotency: IdempotencyStore;
  readonly codes: CodeStore;
}

export interface Tenant {
  readonly id: string;
  readonly settings: TenantSettings;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ApiKeyInfo {
  readonly id: string;
  readonly name: string;
  /** First characters, to recognise it by. */
  readonly prefix: string;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

export interface AccountRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly channel: string;
  /** Validated by the channel's schema when it is read. */
  readonly config: unknown;
  readonly createdAt: Date;
}

/** The service's own records: tenants, keys, accounts. Only composition, HTTP and the CLI hold it. */
export interface ServiceStore {
  readonly lanes: LaneStore;
  tenant(id: string): Promise<Tenant | undefined>;
  tenants(page: PageRequest): Promise<Page<Tenant>>;
  tenantByHost(host: string): Promise<Tenant | undefined>;
  /** Creates or changes; keeps a per-process snapshot current within a second everywhere. */
  putTenant(
    id: string,
    settings: TenantSettings,
  ): Promise<{ readonly tenant: Tenant; readonly created: boolean }>;
  /** Removes the tenant, its database, keys, accounts and lanes. */
  removeTenant(id: string): Promise<boolean>;
  /** The scope of an existing tenant, cached. */
  scope(tenantId: string): Promise<TenantScope | undefined>;
  /** The key in clear is returned once and only its hash is kept. */
  createKey(tenantId: string, name: string): Promise<{ readonly info: ApiKeyInfo; readonly key: string }>;
  /** Tenant of a key; constant-time comparison of hashes. */
  tenantOfKey(key: string): Promise<string | undefined>;
  keys(tenantId: string): Promise<readonly ApiKeyInfo[]>;
  revokeKey(tenantId: string, keyId: string): Promise<boolean>;
  accounts(): Promise<readonly AccountRecord[]>;
  /** `config` is encrypted at rest. The same id is replaced. */
  putAccount(account: Omit<AccountRecord, 'createdAt'>): Promise<AccountRecord>;
  removeAccount(tenantId: string, accountId: string): Promise<boolean>;
  /** Last known state of a connection, for API and `/status`. */
  putConnectionState(accountId: string, state: ConnectionState): Promise<void>;
  connectionStates(tenantId: string): Promise<
    readonly {
      readonly accountId: string;
      readonly channel: string;
      readonly state: ConnectionState;
      readonly at: Date;
    }[]
  >;
}

export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly kind: 'unavailable' | 'conflict' | 'full' | 'corrupt' | 'invalid-cursor',
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
