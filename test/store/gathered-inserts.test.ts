import { afterAll, beforeAll, expect, it } from 'vitest';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import type { InboxEvent } from '../../src/contracts/turn.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

const TOO_LARGE = 17 * 1024 * 1024;

let store: TestStore;
let scope: TenantScope;
beforeAll(async () => {
  store = await openTestStore();
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Shop' }));
  const found = await store.service.scope('shop');
  if (found === undefined) throw new Error('a new tenant has no scope');
  scope = found;
});
afterAll(() => store.close());

function arriving(key: string, text = 'hello'): Omit<InboxEvent, 'attempts' | 'status'> {
  const at = new Date();
  return {
    key,
    conversationId: `c-${key}`,
    contactId: 'p',
    accountId: 'api',
    channel: 'api',
    receivedAt: at,
    event: {
      type: 'message',
      eventId: key,
      sequence: 1,
      sentAt: at,
      chat: { chatId: key, kind: 'direct' },
      sender: { id: 'u', isBot: false },
      messageId: key,
      addressed: true,
      parts: [{ type: 'text', text }],
    },
  };
}

const keysOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `k${from + n}`);

it('stores the new ones of many simultaneous events, and recognises the others', async () => {
  await Promise.all(keysOf(0, 10).map((key) => scope.inbox.accept(arriving(key))));
  const accepted = await Promise.all(keysOf(0, 40).map((key) => scope.inbox.accept(arriving(key))));
  expect(accepted.map(({ duplicate }) => duplicate)).toEqual(keysOf(0, 40).map((_, n) => n < 10));
  expect(await scope.inbox.get('k39')).toMatchObject({ key: 'k39', status: 'pending' });
});

it('refuses an event that cannot be stored, and stores those batched with it', async () => {
  const texts = [undefined, undefined, 'x'.repeat(TOO_LARGE), undefined];
  const all = await Promise.allSettled(
    texts.map((text, n) => scope.inbox.accept(arriving(`with-${n}`, text))),
  );
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await scope.inbox.get('with-2')).toBeUndefined();
  expect(await scope.inbox.get('with-3')).toBeDefined();
});

it('marks many events as answered at once, each on its own', async () => {
  await Promise.all(keysOf(40, 60).map((key) => scope.inbox.accept(arriving(key))));
  await Promise.all(keysOf(40, 59).map((key) => scope.inbox.markAnswered([key])));
  expect((await scope.inbox.get('k58'))?.status).toBe('answered');
  expect((await scope.inbox.get('k59'))?.status).toBe('pending');
});

it('removes all of many released lanes except one that was marked meanwhile', async () => {
  const { lanes } = store.service;
  const opened = await Promise.all(keysOf(0, 20).map((id) => lanes.open('shop', id, 'me', 10_000)));
  await lanes.mark('shop', 'k7', new Date(Date.now() + 60_000));
  await Promise.all(opened.flatMap((lane) => (lane === undefined ? [] : [lanes.release(lane)])));
  const again = await Promise.all(keysOf(0, 20).map((id) => lanes.open('shop', id, 'me', 10_000)));
  expect(again.map((lane) => lane === undefined)).toEqual(keysOf(0, 20).map((id) => id === 'k7'));
  expect(await lanes.claim('shop', 'k7', 'another', 10_000)).toBeDefined();
});
