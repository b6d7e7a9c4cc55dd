import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import type { InboxEvent } from '../../src/contracts/turn.js';
import { openTestStore, startTestServer, type TestServer, type TestStore } from '../fakes/test-store.js';

const TOO_LARGE = 17 * 1024 * 1024;

/** Servers by what they can do: MongoDB before 8.0 does not know the command. */
const SERVERS = ['one command for several collections', 'a command for each write'] as const;

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

async function refuseBulkWrites({ connection }: TestStore): Promise<void> {
  await connection
    .getClient()
    .db('admin')
    .command({
      configureFailPoint: 'failCommand',
      mode: 'alwaysOn',
      data: { failCommands: ['bulkWrite'], errorCode: 59 },
    });
}

describe.each(SERVERS)('writes of many conversations with %s', (kind) => {
  let server: TestServer;
  let store: TestStore;
  let scope: TenantScope;
  beforeAll(async () => {
    server = await startTestServer({ hasTestCommands: true });
    store = await openTestStore({ server });
    if (kind === 'a command for each write') await refuseBulkWrites(store);
    await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Shop' }));
    const found = await store.service.scope('shop');
    if (found === undefined) throw new Error('a new tenant has no scope');
    scope = found;
  });
  afterAll(async () => {
    await store.close();
    await server.close();
  });

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

  it('marks events as answered and removes their lanes, keeping a lane that was marked meanwhile', async () => {
    const { lanes } = store.service;
    const keys = keysOf(100, 120);
    await Promise.all(keys.map((key) => scope.inbox.accept(arriving(key))));
    const opened = await Promise.all(keys.map((key) => lanes.open('shop', `c-${key}`, 'me', 10_000)));
    await lanes.mark('shop', 'c-k107', new Date(Date.now() + 60_000));
    await Promise.all(
      opened.map(async (lane, n) => {
        if (lane === undefined) return;
        await lanes.release(lane, { lastWrite: scope.inbox.prepareAnswered([keys[n] ?? '']) });
      }),
    );
    const events = await Promise.all(keys.map((key) => scope.inbox.get(key)));
    expect(new Set(events.map((event) => event?.status))).toEqual(new Set(['answered']));
    const again = await Promise.all(keys.map((key) => lanes.open('shop', `c-${key}`, 'me', 10_000)));
    expect(again.map((lane) => lane === undefined)).toEqual(keys.map((key) => key === 'k107'));
  });

  it('refuses what is written to a business that was removed meanwhile, and stores the rest', async () => {
    await store.service.putTenant('gone', tenantSettingsSchema.parse({ name: 'Gone' }));
    const gone = await store.service.scope('gone');
    await store.service.removeTenant('gone');
    const all = await Promise.allSettled([
      gone?.inbox.accept(arriving('late')),
      scope.inbox.accept(arriving('in-time')),
    ]);
    expect(all).toMatchObject([
      { status: 'rejected', reason: { kind: 'unavailable' } },
      { status: 'fulfilled' },
    ]);
    expect(await scope.inbox.get('in-time')).toBeDefined();
  });
});
