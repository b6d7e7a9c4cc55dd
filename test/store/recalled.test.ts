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

it('a recalled conversation stays valid while only its own process changes it', async () => {
  const recalled = recall();
  expect(await settle(recalled)).toBe(true);
  await here.conversations.update('c1', { locale: 'id' });
  await here.contacts.update(recalled.contact.id, { name: 'Ani' });
  expect(await settle(recalled)).toBe(true);
  expect(recall()).toMatchObject({ conversation: { locale: 'id' }, contact: { name: 'Ani' } });
  expect(await here.conversations.get('c1')).toMatchObject({ locale: 'id', lastMessage: last });
});

it.each<[string, (contactId: string) => Promise<unknown>]>([
  ['takes over the conversation', () => there.conversations.update('c1', { mode: 'human' })],
  ['changes the person', (id) => there.contacts.update(id, { locale: 'id' })],
  ['adds a message', () => there.conversations.settle('c1', { last })],
  ['erases the person', async (id) => erase(id)],
])('a recalled conversation becomes invalid when another process %s', async (_, change) => {
  const recalled = recall();
  expect(await here.conversations.holds(recalled)).toBe(true);
  await change(recalled.contact.id);
  expect(await here.conversations.holds(recalled)).toBe(false);
  expect(await settle(recalled)).toBe(false);
  expect(here.conversations.recall('c1', SENDER, new Date())).toBeUndefined();
});

it('tells apart, of many settled at once, the one that another process changed', async () => {
  const ids = ['d1', 'd2', 'd3', 'd4'];
  const open = async (id: string): Promise<Recalled> => {
    const sender = { ...SENDER, userId: id };
    const contact = await here.contacts.ensure({ ...sender, at: new Date() });
    const chat = { ...CHAT, chatId: id };
    const row = { ...CONVERSATION, id, contactId: contact.id, chat, at: new Date() };
    here.conversations.remember(await here.conversations.ensure(row), sender, contact);
    const recalled = here.conversations.recall(id, sender, new Date());
    if (recalled === undefined) throw new Error('nothing is remembered');
    return recalled;
  };
  const recalled = await Promise.all(ids.map(open));
  await there.conversations.settle('d3', { last: { ...last, text: 'somebody else' } });
  const settleAll = (): Promise<boolean[]> =>
    Promise.all(
      recalled.map((one) => here.conversations.settle(one.conversation.id, { recalled: one, last })),
    );
  expect(await settleAll()).toEqual([true, true, false, true]);
  expect(await settleAll()).toEqual([true, true, false, true]);
  const said = await Promise.all(ids.map((id) => there.conversations.get(id)));
  expect(said.map((row) => row?.lastMessage?.text)).toEqual(['hi', 'hi', 'somebody else', 'hi']);
});

async function erase(contactId: string): Promise<void> {
  const contact = await there.contacts.get(contactId);
  if (contact !== undefined) await there.contacts.erase(contact);
}

it('a recalled conversation stays invalid even if the foreign change has been read since', async () => {
  const recalled = recall();
  await there.contacts.update(recalled.contact.id, { name: 'Budi' });
  await write();
  expect(await settle(recalled)).toBe(false);
  await write();
  expect(recall().contact.name).toBe('Budi');
});

it('nothing is recalled for staff, for a conversation in human mode, or after a while', async () => {
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

it("a recalled history has this process's turns, and picks up those of another one", async () => {
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
