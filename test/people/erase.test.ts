import { afterAll, beforeAll, expect, it } from 'vitest';
import { hookStore } from '../../src/automation/index.js';
import { actionStore } from '../../src/tools/index.js';
import type { Contact, TenantScope } from '../../src/contracts/stores.js';
import { importContacts } from '../../src/people/import-contacts.js';
import { dyingAfter } from '../fakes/dying-driver.js';
import { databaseText } from '../fakes/database-text.js';
import { noEvents } from '../fakes/no-events.js';
import { openShop, write, type Shop } from '../commands/open-shop.js';

let shop: Shop;
let scope: TenantScope;
beforeAll(async () => {
  shop = await openShop();
  scope = await shop.scope();
});
afterAll(() => shop.close());

const SECRETS = [
  'Zubaidah',
  '+6281277778888',
  'zubaidah@rahasia.example',
  'kacamata merah jambu',
  'alergi kacang',
];

const wholeDatabase = (): Promise<string> => databaseText(shop.connection);

async function zubaidah(): Promise<Contact> {
  const person = await shop.person('Zubaidah');
  const staff = await shop.person('Sari');
  await scope.contacts.update(staff.contact.id, { isStaff: true });
  const { id } = person.contact;
  await write(shop, staff, '/contact Zubaidah phone=+6281277778888; email=zubaidah@rahasia.example');
  await write(shop, staff, '/note Zubaidah alergi kacang');
  await write(shop, staff, '/followup Zubaidah in 3 hours Halo Zubaidah, kacamata merah jambu siap');
  const text = 'saya cari kacamata merah jambu';
  const event = {
    type: 'message',
    eventId: 'm1',
    sequence: 1,
    sentAt: new Date(),
    chat: person.conversation.chat,
    sender: { id: 'Zubaidah', isBot: false, name: 'Zubaidah' },
    messageId: 'm1',
    addressed: true,
    parts: [{ type: 'text', text }],
  } as const;
  const { accountId, channel, id: conversationId } = person.conversation;
  const key = 'bot:m1';
  await scope.inbox.accept({
    key,
    accountId,
    channel,
    conversationId,
    contactId: id,
    event,
    receivedAt: new Date(),
  });
  // Notifications to staff and messages forwarded to a desk are stored in staff chats.
  const desk = staff.conversation.id;
  await shop.services.outreach.say(scope, desk, `desk:${key}`, `**Zubaidah:** ${text}`, 'command');
  await shop.services.outreach.say(scope, desk, 'ask:x', `Zubaidah asks for a person\n> ${text}`, 'command');
  const file = await scope.files.save({
    kind: 'document',
    fileName: 'resep.txt',
    mediaType: 'text/plain',
    bytes: Buffer.from('alergi kacang'),
  });
  await shop.services.outreach.say(scope, conversationId, 'file', { text: '', files: [file] }, 'human');
  await scope.store(hookStore).insertDelivery({
    id: 'd1',
    hookId: 'h1',
    type: 'message.received',
    body: JSON.stringify({ data: { contact_id: id, text } }),
    about: [id],
    status: 'pending',
    attempts: 0,
    createdAt: new Date(),
  });
  await scope.store(actionStore).insert({
    id: `action_${id}`,
    tool: 'add_note',
    arguments: { text: 'alergi kacang' },
    summary: 'alergi kacang',
    status: 'done',
    confirmation: 'never',
    contactId: id,
    conversationId,
    createdAt: new Date(),
    expiresAt: new Date(),
  });
  await scope.idempotency.begin('k1', 'hash', 1000);
  await scope.idempotency.finish('k1', {
    status: 200,
    contentType: 'application/json',
    body: JSON.stringify({ id, name: 'Zubaidah' }),
  });
  return (await scope.contacts.get(id)) ?? person.contact;
}

it('leaves nothing of an erased person in the whole database, killed at any step', async () => {
  for (let writes = 0; ; writes += 1) {
    const contact = await zubaidah();
    const before = writes === 0 ? await wholeDatabase() : SECRETS.join();
    for (const secret of SECRETS) expect(before, secret).toContain(secret);
    const outcome = await dyingAfter(writes, () => scope.contacts.erase(contact));
    if (outcome === 'died') {
      // A repeated erasure still finds the person as long as anything is left of them.
      const left = await scope.contacts.get(contact.id);
      if (left !== undefined) await scope.contacts.erase(left);
    }
    const after = await wholeDatabase();
    for (const secret of SECRETS)
      expect(after, `${secret}, killed after ${writes} writes`).not.toContain(secret);
    expect(after).not.toContain('resep.txt');
    expect(await scope.contacts.get(contact.id)).toBeUndefined();
    if (outcome === 'done') break;
  }
}, 120_000);

it('merges two people into one, killed at any step', async () => {
  for (let writes = 0; ; writes += 1) {
    const at = new Date();
    const mark = `merge${writes}`;
    const [one, two] = await Promise.all([
      scope.contacts.create({ name: `One ${mark}`, phone: `+62813${String(1_000_000 + writes)}` }, at),
      scope.contacts.ensure({ channel: 'telegram', accountId: 'bot', userId: mark, at }),
    ]);
    await scope.contacts.update(two.id, { email: `${mark}@example.com`, tags: ['vip'] });
    await scope.contacts.addNote({ contactId: two.id, text: mark, direction: 'note', at });
    const outcome = await dyingAfter(writes, () => scope.contacts.merge(one.id, two.id));
    // Nothing was lost under either id, and the writing person is recognised.
    const [first, second] = await Promise.all([scope.contacts.get(one.id), scope.contacts.get(two.id)]);
    expect(first?.name).toBe(`One ${mark}`);
    expect(second?.email).toBe(`${mark}@example.com`);
    const writing = await scope.contacts.ensure({ channel: 'telegram', accountId: 'bot', userId: mark, at });
    expect(writing.email).toBe(`${mark}@example.com`);
    const merged = await scope.contacts.merge(one.id, two.id);
    expect(merged).toMatchObject({
      id: one.id,
      name: `One ${mark}`,
      email: `${mark}@example.com`,
      tags: ['vip'],
    });
    expect(merged?.identities).toHaveLength(1);
    const { items } = await scope.contacts.notes(merged ?? one, { limit: 5 });
    expect(items).toMatchObject([{ text: mark }]);
    if (outcome === 'done') break;
  }
});

it('creates no duplicates if an import is killed at any step and repeated', async () => {
  const rows = (mark: string): string =>
    `name,phone\n${Array.from({ length: 4 }, (_, n) => `Row ${mark} ${n},+62814${mark}${n}00\n`).join('')}Row ${mark} 0,+62814${mark}000\n`;
  for (let writes = 0; ; writes += 1) {
    const mark = String(1000 + writes);
    const options = { events: noEvents, at: new Date() };
    const outcome = await dyingAfter(writes, () => importContacts(scope, rows(mark), options));
    await importContacts(scope, rows(mark), options);
    const { items } = await scope.contacts.list({ query: `Row ${mark}` }, { limit: 50 });
    expect(items).toHaveLength(4);
    if (outcome === 'done') break;
  }
});
