import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { Recalled, TenantScope } from '../../src/contracts/stores.js';
import { turn, unique } from '../contracts/stores/under-test.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

/** Two processes on one store: `here` answers, `there` changes what `here` knows. */
let store: TestStore;
let here: TenantScope;
let there: TenantScope;
const SENDER = { channel: 'telegram', accountId: 'bot', userId: '7' };
const CONVERSATION = { id: 'c1', accountId: 'bot', channel: 'telegram', title: 'hello' };
const CHAT = { chatId: '7', kind: 'direct' } as const;
const last = { role: 'assistant', text: 'hi', at: new Date() } as const;

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

beforeEach(async () => {
  const id = unique('t');
  await store.service.putTenant(id, tenantSettingsSchema.parse({ name: 'Shop' }));
  const other = await store.openAnother();
  const scopes = await Promise.all([store.service.scope(id), other.service.scope(id)]);
  const [first, second] = scopes;
  if (first === undefined || second === undefined) throw new Error('a new tenant has no scope');
  [here, there] = [first, second];
  const contact = await here.contacts.ensure({ ...SENDER, at: new Date() });
  await here.conversations.ensure({ ...CONVERSATION, contactId: contact.id, chat: CHAT, at: new Date() });
  await write();
});

/** What a message does when it is not answered from memory. */
async function write(): Promise<void> {
  const conversation = await here.conversations.get('c1');
  const contact = await here.contacts.ensure({ ...SENDER, at: new Date() });
  if (conversation !== undefined) here.conversations.remember(conversation, SENDER, contact);
}

function recall(): Recalled {
  const recalled = here.conversations.recall('c1', SENDER, new Date());
  if (recalled === undefined) throw new Error('nothing is remembered');
  return recalled;
}

const settle = (recalled: Recalled): Promise<boolean> => here.conversations.settle('c1', { recalled, last });

it('holds while nobody else changed anything, also over changes of its own', async () => {
  const recalled = recall();
  expect(await settle(recalled)).toBe(true);
  await here.conversations.update('c1', { locale: 'id' });
  await here.contacts.update(recalled.contact.id, { name: 'Ani' });
  expect(await settle(recalled)).toBe(true);
  expect(recall()).toMatchObject({ conversation: { locale: 'id' }, contact: { name: 'Ani' } });
  expect(await here.conversations.get('c1')).toMatchObject({ locale: 'id', lastMessage: last });
});

it.each<[string, (contactId: string) => Promise<unknown>]>([
  ['takes the conversation over', () => there.conversations.update('c1', { mode: 'human' })],
  ['changes the person', (id) => there.contacts.update(id, { locale: 'id' })],
  ['says something there', () => there.conversations.settle('c1', { last })],
  ['erases the person', async (id) => erase(id)],
])('does not hold any more when another process %s', async (_, change) => {
  const recalled = recall();
  expect(await here.conversations.holds(recalled)).toBe(true);
  await change(recalled.contact.id);
  expect(await here.conversations.holds(recalled)).toBe(false);
  expect(await settle(recalled)).toBe(false);
  expect(here.conversations.recall('c1', SENDER, new Date())).toBeUndefined();
});

async function erase(contactId: string): Promise<void> {
  const contact = await there.contacts.get(contactId);
  if (contact !== undefined) await there.contacts.erase(contact);
}

it('does not hold when it was learned anew meanwhile that somebody else changed it', async () => {
  const recalled = recall();
  await there.contacts.update(recalled.contact.id, { name: 'Budi' });
  await write();
  expect(await settle(recalled)).toBe(false);
  await write();
  expect(recall().contact.name).toBe('Budi');
});

it('is not asked for staff, for a conversation with a person, or after a while', async () => {
  const { contact } = recall();
  const later = new Date(Date.now() + 10 * 60_000);
  expect(here.conversations.recall('c1', SENDER, later)).toBeUndefined();
  expect(here.conversations.recall('c1', { ...SENDER, userId: '8' }, new Date())).toBeUndefined();
  await here.conversations.update('c1', { mode: 'human' });
  expect(here.conversations.recall('c1', SENDER, new Date())).toBeUndefined();
  await here.conversations.update('c1', { mode: 'bot' });
  expect(recall().contact.id).toBe(contact.id);
  await here.contacts.update(contact.id, { isStaff: true });
  expect(here.conversations.recall('c1', SENDER, new Date())).toBeUndefined();
});

it('has in its history what this process said, and learns what another one did', async () => {
  const turnOf = (id: string, key: string) =>
    turn(id, [key], { conversationId: 'c1', createdAt: new Date() });
  const ids = async () => (await here.turns.history('c1', 12)).map(({ id }) => id);
  expect(await ids()).toEqual([]);
  await here.turns.commit(turnOf('t1', 'bot:1'));
  expect(await ids()).toEqual(['t1']);
  const recalled = recall();
  await there.turns.commit(turnOf('t2', 'bot:2'));
  await there.conversations.settle('c1', { last });
  expect(await settle(recalled)).toBe(false);
  await write();
  expect(await ids()).toEqual(['t1', 't2']);
});
