import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const ANI = 7;
const STAFF = 99;

let business: TelegramBusiness;
let demo: SapaClient;
let other: SapaClient;

beforeAll(async () => {
  business = await startTelegramBusiness({ staff: [STAFF] });
  const { url, adminKey: key } = business.sapa;
  await sapaClient({ url, key }).call('PUT', '/v1/tenants/other/settings', { json: { name: 'other' } });
  demo = business.shop;
  other = sapaClient({ url, key, tenantId: 'other' });
  await business.greets(ANI, 'Ani');
});
afterAll(() => business.close());

const person = (id: number) => business.person(id, id === ANI ? 'Ani' : 'Sari');
const messagesOf = (id: number) => business.messagesOf(id);
const reaches = (id: number, words: string, after: number) => business.reaches(id, words, after);

const ani = async () =>
  (await demo.call('GET', '/contacts?channel=telegram&query=Ani')).body['items'] as { id: string }[];

it('facts that people state about themselves are kept only if staff agree', async () => {
  const before = messagesOf(STAFF).length;
  person(ANI).sends('email saya Ani.Telegram@example.com');
  const notice = await reaches(STAFF, 'ani.telegram@example.com', before);
  expect(await ani()).toMatchObject([{ email: null }]);
  const [proposal] = (await demo.call('GET', '/v1/contacts/proposals')).body['items'] as { id: string }[];
  expect((await other.call('GET', '/v1/contacts/proposals')).body['items']).toEqual([]);
  const foreign = await other.call('POST', `/v1/contacts/proposals/${proposal?.id ?? ''}`, {
    json: { accept: true },
  });
  expect(foreign.status).toBe(404);
  person(STAFF).presses(notice, 'Save it');
  await reaches(STAFF, 'Saved for Ani', before);
  expect(await ani()).toMatchObject([{ email: 'ani.telegram@example.com' }]);
});

it('a merge is offered for a person who gives another’s number, and happens only if staff agree', async () => {
  const saved = await demo.call('POST', '/contacts', { json: { name: 'Ani W', phone: '081277770000' } });
  const contactId = String(saved.body['id']);
  const before = messagesOf(STAFF).length;
  person(ANI).sends('nomor saya 0812-7777-0000');
  const notice = await reaches(STAFF, 'Are they one person', before);
  const offers = await demo.call('GET', '/v1/contacts/merge-offers');
  expect(offers.body['items']).toMatchObject([{ other: { id: contactId }, reason: 'phone' }]);
  expect((await other.call('GET', '/v1/contacts/merge-offers')).body['items']).toEqual([]);
  const [chatting] = await ani();
  person(STAFF).presses(notice, 'One person');
  await reaches(STAFF, 'one contact now', before);
  const both = await Promise.all(
    [contactId, chatting?.id].map((id) => demo.call('GET', `/contacts/${id ?? ''}`)),
  );
  expect(both[0]?.body).toEqual(both[1]?.body);
  expect(both[0]?.body).toMatchObject({
    id: contactId,
    phone: '+6281277770000',
    email: 'ani.telegram@example.com',
  });
  expect((await demo.call('GET', '/v1/contacts/merge-offers')).body['items']).toEqual([]);
});

it('a follow-up is planned, moved and cancelled by buttons, and its exact time is repeated', async () => {
  const before = messagesOf(STAFF).length;
  person(STAFF).sends('/followup Ani W tomorrow at 9 Your shirt is ready');
  const planned = await reaches(STAFF, 'Your shirt is ready', before);
  expect(planned.text).toContain('09:00 (Asia/Jakarta)');
  const waiting = async () => (await demo.call('GET', '/followup/pending')).body['items'] as unknown[];
  expect(await waiting()).toHaveLength(1);
  person(STAFF).presses(planned, 'Move');
  const prompt = await reaches(STAFF, 'To when?', before);
  person(STAFF).presses(prompt, 'In a week, 09:00');
  const moved = await reaches(STAFF, 'Moved.', before);
  person(STAFF).presses(moved, 'Cancel');
  await reaches(STAFF, 'Cancelled: Your shirt is ready', before);
  expect(await waiting()).toEqual([]);
});

it('conversations are listed by what staff look for, with the outcome of each message', async () => {
  person(ANI).sends('/human');
  await reaches(STAFF, 'asks for a person', 0);
  const list = async (query: string, client = demo) =>
    (await client.call('GET', `/v1/conversations?${query}`)).body['items'] as Record<string, string>[];
  const [waiting] = await eventually(
    () => list('status=waiting'),
    (items) => items.length === 1,
  );
  expect(waiting).toMatchObject({ channel: 'telegram', mode: 'human', tags: [], assignee: null });
  expect(waiting?.['waiting_since']).not.toBeNull();
  const id = waiting?.['id'] ?? '';
  expect(await list('status=waiting', other)).toEqual([]);
  await demo.call('POST', `/v1/conversations/${id}/messages`, { json: { text: 'Here I am.' } });
  await reaches(ANI, 'Here I am.', 0);
  expect(await list('status=waiting')).toEqual([]);
  const closed = await demo.call('PATCH', `/v1/conversations/${id}`, {
    json: { status: 'closed', tags: ['shirts'] },
  });
  expect(closed.body).toMatchObject({ status: 'closed', tags: ['shirts'] });
  expect(await list('status=closed&tag=shirts&channel=telegram&query=Here%20I')).toMatchObject([{ id }]);
  expect(await list(`query=${encodeURIComponent('ani.telegram@')}`)).toMatchObject([{ id }]);
  const nobody = await demo.call('PATCH', `/v1/conversations/${id}`, { json: { assignee: 'contact_none' } });
  const foreign = await other.call('PATCH', `/v1/conversations/${id}`, { json: { tags: [] } });
  expect([nobody.status, foreign.status]).toEqual([400, 404]);
  const messages = await eventually(
    async () =>
      (await demo.call('GET', `/v1/conversations/${id}/messages?limit=200`)).body['items'] as {
        text: string;
        delivery?: string;
      }[],
    (items) => items.find(({ text }) => text === 'Here I am.')?.delivery === 'sent',
  );
  expect(messages.find(({ text }) => text === '/human')).not.toHaveProperty('delivery');
  const [contact] = await ani();
  const logs = await demo.call('GET', `/contacts/logs?limit=200&contact_id=${contact?.id ?? ''}`);
  const times = (logs.body['items'] as { at: string }[]).map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
});
