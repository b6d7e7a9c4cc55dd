import type { ConnectionState } from '../../../src/contracts/channel.js';
import type {
  AccountRecord,
  ApiKeyInfo,
  Conversation,
  ConversationMessage,
  Feedback,
  Page,
  PageRequest,
  ServiceStore,
  StoredDocument,
  StoredResponse,
  Tenant,
  TenantScope,
  UnansweredQuestion,
} from '../../../src/contracts/stores.js';
import { StoreError } from '../../../src/contracts/stores.js';
import type { FaqEntry } from '../../../src/contracts/knowledge.js';
import type { Turn } from '../../../src/contracts/turn.js';

/** What one tenant's scope holds, open to the test. */
export interface MemoryTenant {
  readonly scope: TenantScope;
  readonly turns: Map<string, Turn>;
  readonly feedback: Map<string, Feedback>;
  readonly conversations: Map<string, Conversation>;
  readonly messages: Map<string, ConversationMessage[]>;
  readonly documents: Map<string, StoredDocument>;
  readonly faq: Map<string, FaqEntry>;
  readonly unanswered: Map<string, UnansweredQuestion>;
  readonly answers: Map<string, { hash: string; response?: StoredResponse }>;
}

function refuse(what: string): never {
  throw new Error(`the HTTP tests do not expect ${what} to be called`);
}

/** An object whose every other member throws when it is used. */
function only<T extends object>(name: string, members: Partial<T>): T {
  return new Proxy(members, {
    // `then` is looked for whenever a promise resolves with the object.
    get: (target, key) =>
      (Reflect.get(target, key) as unknown) ??
      (key === 'then' ? undefined : () => refuse(`${name}.${String(key)}`)),
  }) as T;
}

function page<Item extends { readonly id: string }>(items: Iterable<Item>, request: PageRequest): Page<Item> {
  const all = [...items];
  const start = request.cursor === undefined ? 0 : all.findIndex(({ id }) => id === request.cursor);
  if (start < 0) throw new StoreError('invalid-cursor', 'not a cursor of this list');
  const next = all[start + request.limit];
  const shown = all.slice(start, start + request.limit);
  return next === undefined ? { items: shown } : { items: shown, nextCursor: next.id };
}

function memoryTenant(tenant: () => Tenant): MemoryTenant {
  const turns = new Map<string, Turn>();
  const feedback = new Map<string, Feedback>();
  const conversations = new Map<string, Conversation>();
  const messages = new Map<string, ConversationMessage[]>();
  const documents = new Map<string, StoredDocument>();
  const faq = new Map<string, FaqEntry>();
  const unanswered = new Map<string, UnansweredQuestion>();
  const answers = new Map<string, { hash: string; response?: StoredResponse }>();
  const scope = only<TenantScope>('scope', {
    get tenantId() {
      return tenant().id;
    },
    get settings() {
      return tenant().settings;
    },
    turns: only('turns', {
      get: async (id) => turns.get(id),
      answering: async (key) => [...turns.values()].find((turn) => turn.eventIds.includes(key)),
      async saveFeedback(id, given) {
        if (!turns.has(id)) return false;
        feedback.set(id, given);
        return true;
      },
    }),
    conversations: only('conversations', {
      get: async (id) => conversations.get(id),
      list: async (request) => page(conversations.values(), request),
      messages: async (id, request) => page(messages.get(id) ?? [], request),
      async update(id, change) {
        const before = conversations.get(id);
        if (before === undefined) return undefined;
        const after = { ...before, ...change };
        conversations.set(id, after);
        return after;
      },
    }),
    documents: only('documents', {
      get: async (id) => documents.get(id),
      list: async (request) => page(documents.values(), request),
      chunks: async () => [],
    }),
    faq: only('faq', { list: async (request) => page(faq.values(), request) }),
    unanswered: only('unanswered', { list: async (request) => page(unanswered.values(), request) }),
    idempotency: only('idempotency', {
      async begin(key, hash) {
        const known = answers.get(key);
        if (known === undefined) {
          answers.set(key, { hash });
          return { type: 'new' };
        }
        if (known.hash !== hash) return { type: 'conflict' };
        return known.response === undefined
          ? { type: 'in-progress' }
          : { type: 'done', response: known.response };
      },
      async finish(key, response) {
        answers.set(key, { hash: answers.get(key)?.hash ?? '', response });
      },
      async abandon(key) {
        answers.delete(key);
      },
    }),
  });
  return { scope, turns, feedback, conversations, messages, documents, faq, unanswered, answers };
}

export interface MemoryStore {
  readonly service: ServiceStore;
  tenant(id: string): MemoryTenant;
}

/** The records behind HTTP, kept in memory; what a test does not foresee throws. */
export function memoryStore(): MemoryStore {
  const tenants = new Map<string, Tenant>();
  const scopes = new Map<string, MemoryTenant>();
  const keys = new Map<string, { tenantId: string; info: ApiKeyInfo }>();
  const accounts = new Map<string, AccountRecord>();
  const states = new Map<string, { state: ConnectionState; at: Date }>();
  const of = (id: string): MemoryTenant => {
    const found = scopes.get(id);
    return found ?? refuse(`tenant ${id}`);
  };
  const service = only<ServiceStore>('service', {
    tenant: async (id) => tenants.get(id),
    tenants: async (request) => page(tenants.values(), request),
    tenantByHost: async (host) => [...tenants.values()].find(({ settings }) => settings.hosts.includes(host)),
    async putTenant(id, settings) {
      const created = !tenants.has(id);
      const createdAt = tenants.get(id)?.createdAt ?? new Date();
      const tenant = { id, settings, createdAt, updatedAt: new Date() };
      tenants.set(id, tenant);
      if (created)
        scopes.set(
          id,
          memoryTenant(() => tenants.get(id) ?? tenant),
        );
      return { tenant, created };
    },
    async removeTenant(id) {
      scopes.delete(id);
      return tenants.delete(id);
    },
    scope: async (id) => scopes.get(id)?.scope,
    async createKey(tenantId, name) {
      const key = `sapa_${crypto.randomUUID()}`;
      const info = {
        id: `key_${crypto.randomUUID()}`,
        name,
        prefix: key.slice(0, 10),
        createdAt: new Date(),
      };
      keys.set(key, { tenantId, info });
      return { info, key };
    },
    tenantOfKey: async (key) => keys.get(key)?.tenantId,
    keys: async (id) => [...keys.values()].filter(({ tenantId }) => tenantId === id).map(({ info }) => info),
    async revokeKey(tenantId, keyId) {
      const found = [...keys].find(([, key]) => key.tenantId === tenantId && key.info.id === keyId);
      return found !== undefined && keys.delete(found[0]);
    },
    accounts: async () => [...accounts.values()],
    async putAccount(account) {
      const stored = { ...account, createdAt: new Date() };
      accounts.set(account.id, stored);
      return stored;
    },
    removeAccount: async (tenantId, id) => accounts.get(id)?.tenantId === tenantId && accounts.delete(id),
    connectionStates: async (tenantId) =>
      [...states]
        .filter(([id]) => accounts.get(id)?.tenantId === tenantId)
        .map(([accountId, { state, at }]) => ({ accountId, channel: '', state, at })),
    async putConnectionState(id, state) {
      states.set(id, { state, at: new Date() });
    },
  });
  return { service, tenant: of };
}
