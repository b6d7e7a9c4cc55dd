import { randomBytes } from 'node:crypto';
import type { InboundEvent } from '../../../src/contracts/channel.js';
import { tenantSettingsSchema, type TenantSettings } from '../../../src/contracts/settings.js';
import type { Page, PageRequest, ServiceStore, TenantScope } from '../../../src/contracts/stores.js';
import type { InboxEvent, Turn, TurnAnswer } from '../../../src/contracts/turn.js';
import type { ManualClock } from '../../fakes/manual-clock.js';

export interface StoresUnderTest {
  readonly service: ServiceStore;
  readonly clock: ManualClock;
}

/** Strings with a special meaning for a database, JavaScript or a file system. */
export const HOSTILE_STRINGS: readonly string[] = [
  '$where',
  '$ne',
  '{"$gt":""}',
  '__proto__',
  'constructor',
  'a.b.$[]',
  '../../etc/passwd',
  "'; drop database",
  'é\u0301 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
  'x'.repeat(500),
];

/** Values that unchecked JSON may contain where a string is expected. */
export const NO_STRINGS: readonly unknown[] = [{ $ne: null }, { $gt: '' }, ['a'], 7, null, undefined, true];

export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

export function settingsFor(name: string, change: Partial<TenantSettings> = {}): TenantSettings {
  return { ...tenantSettingsSchema.parse({ name }), ...change };
}

/** The scope of a new tenant. */
export async function newScope(stores: StoresUnderTest): Promise<TenantScope> {
  const id = unique('t');
  await stores.service.putTenant(id, settingsFor(id));
  const scope = await stores.service.scope(id);
  if (scope === undefined) throw new Error('a new tenant has no scope');
  return scope;
}

export function messageEvent(text: string, sequence: number): InboundEvent {
  return {
    type: 'message',
    eventId: String(sequence),
    sequence,
    sentAt: new Date(1_700_000_000_000 + sequence),
    chat: { chatId: '42', kind: 'direct' },
    sender: { id: '7', name: 'Ani', isBot: false },
    messageId: `m${sequence}`,
    parts: [{ type: 'text', text }],
    addressed: true,
  };
}

export function inboxEvent(
  key: string,
  change: Partial<Omit<InboxEvent, 'attempts' | 'status'>> = {},
): Omit<InboxEvent, 'attempts' | 'status'> {
  return {
    key,
    accountId: 'account',
    channel: 'web',
    conversationId: 'conversation',
    contactId: 'contact',
    event: messageEvent('hello', 1),
    receivedAt: new Date(1_700_000_000_000),
    ...change,
  };
}

export function answerOf(text: string, change: Partial<TurnAnswer> = {}): TurnAnswer {
  return {
    text,
    bubbles: text === '' ? [] : [{ type: 'text', text }],
    source: 'model',
    citations: [],
    locale: 'en',
    model: 'none',
    usage: { inputTokens: 0, outputTokens: 0, costMicros: 0 },
    ...change,
  };
}

export function turn(id: string, eventIds: readonly string[], change: Partial<Turn> = {}): Turn {
  return {
    id,
    conversationId: 'conversation',
    contactId: 'contact',
    accountId: 'account',
    channel: 'web',
    chat: { chatId: '42', kind: 'direct' },
    origin: { type: 'events' },
    eventIds,
    input: 'hello',
    answer: answerOf('hi'),
    deliveries: [{ state: 'pending' }],
    status: 'waiting',
    createdAt: new Date(1_700_000_000_500),
    tookMs: 12,
    ...change,
  };
}

/** All items of a list, read page by page; `between` runs after each page except the last. */
export async function walk<Item>(
  read: (page: PageRequest) => Promise<Page<Item>>,
  limit: number,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | undefined; ;) {
    const page: Page<Item> = await read({ limit, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined) return items;
    await between();
  }
}
