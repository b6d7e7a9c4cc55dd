import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { InboundEvent } from '../../src/contracts/channel.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { conversationIdOf } from '../../src/lib/ids/conversation-id.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { openPipeline, TENANT, type Pipeline, type Process } from './support/open-pipeline.js';
import { eventually } from '../support/wait.js';

let pipeline: Pipeline;
let one: Process;
let scope: TenantScope;
beforeAll(async () => {
  pipeline = await openPipeline();
  one = pipeline.start();
  await one.run();
});
beforeEach(async () => {
  scope = await pipeline.scope();
});
afterAll(() => pipeline.close());

const account = { id: 'api', tenantId: TENANT, channel: 'web', config: {} };

type MessageEvent = Extract<InboundEvent, { type: 'message' }>;
function message(change: Partial<MessageEvent> = {}): MessageEvent {
  const eventId = makeId('e');
  return {
    type: 'message',
    eventId,
    sequence: Date.now(),
    sentAt: new Date(),
    chat: { chatId: 'ani', kind: 'direct' },
    sender: { id: 'ani', isBot: false },
    messageId: eventId,
    parts: [{ type: 'text', text: 'hello' }],
    addressed: true,
    ...change,
  };
}

const keyOf = (event: InboundEvent): string => `api:${event.eventId}`;
const placeOf = (event: InboundEvent) => ({
  eventKey: keyOf(event),
  conversationId: conversationIdOf(account.id, event.chat),
});
const waiting = (): AbortSignal => AbortSignal.timeout(15_000);

it('stores an event and answers everybody waiting for it', async () => {
  const event = message();
  expect(await one.intake.accept(scope, account, event)).toMatchObject({ type: 'accepted' });
  const turn = await one.intake.answered(scope, placeOf(event), waiting());
  expect(turn).toMatchObject({ eventIds: [keyOf(event)], status: 'done', answer: { text: 're: hello' } });
});

it('measures how long a message waited on its platform, once', async () => {
  const measured = async (): Promise<number> => {
    const { text } = await one.metrics.render();
    return Number(/sapa_arrival_seconds_sum\{channel="web"\} (\S+)/.exec(text)?.[1] ?? 0);
  };
  const before = await measured();
  const event = message({ sentAt: new Date(Date.now() - 90_000) });
  for (const outcome of ['accepted', 'duplicate'])
    expect(await one.intake.accept(scope, account, event)).toMatchObject({ type: outcome });
  expect((await measured()) - before).toBeGreaterThanOrEqual(90);
  expect((await measured()) - before).toBeLessThan(180);
});

it.each([
  ['a command', { type: 'command', name: 'claim', argumentText: 'ABCD2345', files: [], addressed: true }],
  ['a button', { type: 'action', action: '/help' }],
] as const)('names a conversation that begins with %s after the person', async (_what, begun) => {
  const { eventId, sequence, sentAt } = message();
  const sender = { id: eventId, name: 'Ani  Wijaya', isBot: false };
  const chat = { chatId: eventId, kind: 'direct' } as const;
  const event: InboundEvent = { eventId, sequence, sentAt, sender, chat, ...begun };
  await one.intake.accept(scope, account, event);
  const { conversationId } = placeOf(event);
  expect(await scope.conversations.get(conversationId)).toMatchObject({ title: 'Ani Wijaya' });
});

it('also answers a waiter that comes after the answer was made, or in another process', async () => {
  const event = message();
  await one.intake.accept(scope, account, event);
  const turn = await one.intake.answered(scope, placeOf(event), waiting());
  expect(await one.intake.answered(scope, placeOf(event), waiting())).toEqual(turn);
  const elsewhere = await pipeline.start().intake.answered(scope, placeOf(event), waiting());
  expect(elsewhere.id).toBe(turn.id);
});

it('lets one waiter leave without disturbing another', async () => {
  const event = message();
  const leaving = new AbortController();
  const left = one.intake.answered(scope, placeOf(event), leaving.signal);
  const stays = one.intake.answered(scope, placeOf(event), waiting());
  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  await one.intake.accept(scope, account, event);
  expect((await stays).answer.text).toBe('re: hello');
});

it.each<[string, Partial<MessageEvent>]>([
  ['a bot', { sender: { id: 'robot', isBot: true } }],
  ['a group that does not address it', { addressed: false, chat: { chatId: 'group', kind: 'group' } }],
])('stores nothing that comes from %s', async (_who, change) => {
  const event = message(change);
  expect(await one.intake.accept(scope, account, event)).toEqual({ type: 'ignored' });
  expect(await scope.inbox.get(keyOf(event))).toBeUndefined();
});

it('recognises a repeated event, and reports the same key with another body as a conflict', async () => {
  const event = message();
  const accept = (bodyHash: string) => one.intake.accept(scope, account, event, { bodyHash });
  expect(await accept('a')).toMatchObject({ type: 'accepted' });
  expect(await accept('a')).toMatchObject({ type: 'duplicate', eventKey: keyOf(event) });
  expect(await accept('b')).toEqual({ type: 'conflict' });
});

it('does not let a request with another body listen to the answer', async () => {
  const event = message();
  const eventTypes: string[] = [];
  await one.intake.accept(scope, account, event, { bodyHash: 'a' });
  await one.intake.accept(scope, account, event, {
    bodyHash: 'b',
    listener: ({ type }) => eventTypes.push(type),
  });
  await one.intake.answered(scope, placeOf(event), waiting());
  expect(eventTypes).toEqual([]);
});

it('creates one contact and one conversation for ten simultaneous first messages', async () => {
  const chat = { chatId: 'newcomer', kind: 'direct' as const };
  const events = Array.from({ length: 10 }, () =>
    message({ chat, sender: { id: 'newcomer', isBot: false } }),
  );
  const outcomes = await Promise.all(events.map((event) => one.intake.accept(scope, account, event)));
  const ids = new Set(outcomes.map((outcome) => ('conversationId' in outcome ? outcome.conversationId : '')));
  expect(ids.size).toBe(1);
  const turns = await Promise.all(
    events.map((event) => one.intake.answered(scope, placeOf(event), waiting())),
  );
  expect(new Set(turns.map(({ id }) => id)).size).toBe(10);
  expect(new Set(turns.map(({ contactId }) => contactId)).size).toBe(1);
});

it('answers an event whose conversation was lost in a crash', async () => {
  const event = message({ chat: { chatId: 'lost', kind: 'direct' }, sender: { id: 'lost', isBot: false } });
  const contact = await scope.contacts.ensure({
    channel: 'web',
    accountId: 'api',
    userId: 'lost',
    at: new Date(),
  });
  const conversationId = makeId('c');
  await scope.inbox.accept({
    key: keyOf(event),
    accountId: 'api',
    channel: 'web',
    conversationId,
    contactId: contact.id,
    event,
    receivedAt: new Date(),
  });
  one.worker.wake(TENANT, conversationId);
  expect((await one.intake.answered(scope, placeOf(event), waiting())).answer.text).toBe('re: hello');
  expect(await scope.conversations.get(conversationId)).toMatchObject({ title: 'hello' });
});

it('apologises for an event that ended the process at every attempt', async () => {
  const event = message({ chat: { chatId: 'deadly', kind: 'direct' } });
  const contact = await scope.contacts.ensure({
    channel: 'web',
    accountId: 'api',
    userId: 'x',
    at: new Date(),
  });
  const conversationId = makeId('c');
  const stored = {
    key: keyOf(event),
    accountId: 'api',
    channel: 'web',
    conversationId,
    contactId: contact.id,
  };
  await scope.inbox.accept({ ...stored, event, receivedAt: new Date() });
  for (let tries = 0; tries < 5; tries++) await scope.inbox.recordAttempt([keyOf(event)], 6);
  one.worker.wake(TENANT, conversationId);
  expect((await one.intake.answered(scope, placeOf(event), waiting())).answer.text).toBe('sorry');
  await eventually(
    () => scope.inbox.get(keyOf(event)),
    (item) => item?.status === 'dead',
  );
});

it('answers a message written right after an erasure as the first one of a new person', async () => {
  const identity = { channel: 'web', accountId: 'api', userId: 'erased' };
  const before = await scope.contacts.ensure({ ...identity, at: new Date() });
  await scope.contacts.erase(before);
  const event = message({ sender: { id: 'erased', isBot: false } });
  const conversationId = makeId('c');
  const { accountId, channel } = identity;
  const stored = { key: keyOf(event), accountId, channel, conversationId, contactId: before.id };
  await scope.inbox.accept({ ...stored, event, receivedAt: new Date() });
  one.worker.wake(TENANT, conversationId);
  const { contactId } = await one.intake.answered(scope, placeOf(event), waiting());
  expect(contactId).not.toBe(before.id);
  expect(await scope.contacts.get(contactId)).toMatchObject({ identities: [identity] });
  expect(await scope.conversations.get(conversationId)).toMatchObject({ contactId });
});

it('sends a message once per key, and none without a conversation', async () => {
  const event = message({ chat: { chatId: 'told', kind: 'direct' } });
  await one.intake.accept(scope, account, event);
  const { conversationId } = await one.intake.answered(scope, placeOf(event), waiting());
  const deliveries = await Promise.all(
    ['hello', 'hello again'].map((text) => one.outreach.say(scope, conversationId, 'key-1', text, 'human')),
  );
  expect(new Set(deliveries.map((turn) => turn?.id)).size).toBe(1);
  const turns = await scope.turns.recent(conversationId, 10);
  expect(turns.filter(({ answer }) => answer.source === 'human')).toHaveLength(1);
  expect(await one.outreach.say(scope, 'nowhere', 'key-2', 'hello', 'human')).toBeUndefined();
});
