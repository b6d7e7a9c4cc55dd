import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InboundEvent } from '../../src/contracts/channel.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const ANI = { bot: 'discord:11', userId: '4711000001' };
const messageOf = (eventId: string, text: string): InboundEvent => ({
  type: 'message',
  eventId,
  sequence: 1,
  sentAt: new Date('2026-03-01T10:00:00Z'),
  chat: { chatId: 'dm', kind: 'direct' },
  sender: { id: ANI.userId, isBot: false },
  messageId: eventId,
  parts: [{ type: 'text', text }],
  addressed: true,
});

it('keeps up to twenty messages until the person chooses a business, each once and in order', async () => {
  const { sharedChats } = store.service;
  await sharedChats.hold(ANI, messageOf('1', 'hello'));
  await sharedChats.hold(ANI, messageOf('1', 'hello'));
  await sharedChats.hold(ANI, messageOf('2', 'are you open?'));
  expect((await sharedChats.read(ANI)).held).toEqual([
    messageOf('1', 'hello'),
    messageOf('2', 'are you open?'),
  ]);
  await sharedChats.choose(ANI, 'kopi.discord');
  await sharedChats.release(ANI);
  expect(await sharedChats.read(ANI)).toEqual({ accountId: 'kopi.discord', held: [] });
  for (let n = 0; n < 25; n++) await sharedChats.hold(ANI, messageOf(`n${n}`, String(n)));
  const { held } = await sharedChats.read(ANI);
  expect(held.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 20 }, (_, n) => `n${n + 5}`));
});

it('hides the person and the words from a reader of the database alone', async () => {
  const native = store.connection.getClient().db(store.options.serviceDatabase);
  await store.service.sharedChats.hold(ANI, messageOf('3', 'a secret wish'));
  const rows = JSON.stringify(await native.collection('shared_chats').find().toArray());
  expect(rows).not.toContain('secret wish');
  expect(rows).not.toContain(ANI.userId);
});

it('forgets a choice when its account is removed', async () => {
  const { service } = store;
  await service.putAccount({ id: 'kopi.discord', tenantId: 'kopi', channel: 'x', config: {} });
  await service.sharedChats.choose(ANI, 'kopi.discord');
  await service.removeAccount('kopi', 'kopi.discord');
  expect((await service.sharedChats.read(ANI)).accountId).toBeUndefined();
});
