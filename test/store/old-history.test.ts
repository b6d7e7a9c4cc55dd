import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import type { Turn } from '../../src/contracts/turn.js';
import { inboxEvent, messageEvent, newScope, turn, walk } from '../contracts/stores/under-test.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { ManualClock } from '../fakes/manual-clock.js';

const LONG_AGO = new Date('2024-01-01T00:00:00Z');
const LIMIT = new Date('2025-01-01T00:00:00Z');
const LATELY = new Date('2025-06-01T00:00:00Z');
const SENT: Partial<Turn> = {
  deliveries: [{ state: 'sent', receipt: { messageId: '1', sentAt: LONG_AGO }, wasInDoubt: false }],
  status: 'done',
};
const forever = new AbortController().signal;

let store: TestStore;
let scope: TenantScope;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  scope = await newScope({ service: store.service, clock: new ManualClock() });
  for (const [id, at] of [
    ['old', LONG_AGO],
    ['new', LATELY],
  ] as const) {
    const chat = { chatId: id, kind: 'direct' } as const;
    const { id: contactId } = await scope.contacts.ensure({ channel: 'web', accountId: 'a', userId: id, at });
    await scope.conversations.ensure({ id, accountId: 'a', channel: 'web', title: id, contactId, chat, at });
  }
});

let number = 0;
/** Stores a message and its answer. */
async function exchange(
  conversationId: string,
  text: string,
  at: Date,
  change: Partial<Turn> = SENT,
): Promise<void> {
  number += 1;
  const key = `a:${number}`;
  await scope.inbox.accept(
    inboxEvent(key, { conversationId, event: messageEvent(text, number), receivedAt: at }),
  );
  await scope.turns.commit(turn(`t${number}`, [key], { conversationId, createdAt: at, ...change }));
  await scope.inbox.markAnswered([key]);
  await scope.conversations.settle(conversationId, { last: { role: 'assistant', text, at } });
}

const textsIn = async (id: string): Promise<string[]> =>
  (await walk((page) => scope.conversations.messages(id, page), 10)).map(({ text }) => text);

it('removes old history, and keeps newer history and unfinished turns', async () => {
  await exchange('old', 'first', LONG_AGO);
  await exchange('old', 'unsent', LONG_AGO, { deliveries: [{ state: 'pending' }], status: 'waiting' });
  await scope.inbox.accept(
    inboxEvent('a:waiting', {
      conversationId: 'old',
      event: messageEvent('unanswered', 999),
      receivedAt: LONG_AGO,
    }),
  );
  await exchange('new', 'later', LATELY);
  // Removed: the question and the answer of the first, and the question whose answer is being delivered.
  expect(await scope.conversations.removeHistory(LIMIT, forever)).toBe(3);
  expect(await textsIn('old')).toEqual(['unanswered', 'hi']);
  expect(await textsIn('new')).toEqual(['later', 'hi']);
  expect((await scope.conversations.get('old'))?.lastMessage).toBeUndefined();
  expect((await scope.conversations.get('new'))?.lastMessage).toMatchObject({ text: 'later' });
  expect(await scope.turns.undelivered('old')).toHaveLength(1);
  expect(await scope.conversations.removeHistory(LIMIT, forever)).toBe(0);
});

it('stops when aborted, and continues the next time', async () => {
  await exchange('old', 'first', LONG_AGO);
  const stopping = new AbortController();
  stopping.abort();
  expect(await scope.conversations.removeHistory(LIMIT, stopping.signal)).toBe(0);
  expect(await scope.conversations.removeHistory(LIMIT, forever)).toBe(2);
});

it('keeps history for two years by default, forever if configured, and never less than a week', () => {
  const days = (history_days?: number): unknown =>
    tenantSettingsSchema.safeParse({ name: 'x', history_days }).data?.history_days;
  expect([days(), days(0), days(7), days(3), days(-1)]).toEqual([730, 0, 7, undefined, undefined]);
});
