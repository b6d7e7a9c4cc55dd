import { afterAll, beforeAll, expect, it } from 'vitest';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { eventually } from '../support/wait.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

let sapa: RunningSapa;
let shop: SapaClient;
let other: SapaClient;

beforeAll(async () => {
  sapa = await startSapa({ env: { SEED_DEMO: 'false' } });
  const admin = sapaClient({ url: sapa.url, key: sapa.adminKey });
  for (const id of ['shop', 'other']) {
    await admin.call('PUT', `/v1/tenants/${id}/settings`, { json: { name: id } });
  }
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'shop' });
  other = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'other' });
}, 90_000);
afterAll(() => sapa.stop());

const save = (json: unknown) => shop.call('POST', '/contacts', { json });
const idOf = (answer: Awaited<ReturnType<SapaClient['call']>>): string => String(answer.body['id']);

it('a contact is recognised by three spellings of its number, and its e-mail address is normalised', async () => {
  const first = await save({ name: 'Ani', phone: '0812-3456-7890', email: ' Ani@Example.COM', tags: ['a'] });
  expect(first.status).toBe(201);
  expect(first.body).toMatchObject({ phone: '+6281234567890', email: 'ani@example.com' });
  const again = await save({ phone: '+62 812 3456 7890', tags: ['b'] });
  const third = await save({ phone: '006281234567890', fields: { size: 'M' } });
  expect([again.status, third.status]).toEqual([200, 200]);
  expect(third.body).toMatchObject({ id: idOf(first), name: 'Ani', tags: ['a', 'b'], fields: { size: 'M' } });
  const wrong = await save({ phone: 'call me' });
  expect(wrong.status).toBe(400);
  expect(wrong.body['errors']).toMatchObject([{ path: 'phone' }]);
});

it('an empty contact is refused', async () => {
  for (const json of [{}, { name: null, phone: null }]) {
    expect((await save(json)).status, JSON.stringify(json)).toBe(400);
  }
});

it('twenty simultaneous saves of one number create one contact', async () => {
  const saved = await Promise.all(Array.from({ length: 20 }, () => save({ phone: '081299990000' })));
  expect(new Set(saved.map(idOf)).size).toBe(1);
  expect(saved.filter(({ status }) => status === 201)).toHaveLength(1);
});

it('a contact is found by name, e-mail, digits of its number or tag, and never by another business', async () => {
  const id = idOf(await save({ name: 'Budi (VIP) [x]', phone: '0811 222 333', tags: ['gold'] }));
  for (const query of ['budi', '(vip) [', '0811222', '+62811222', '222 333']) {
    const { body } = await shop.call('GET', `/contacts?query=${encodeURIComponent(query)}`);
    expect(body['items'], query).toMatchObject([{ id }]);
  }
  expect((await shop.call('GET', '/contacts?tag=gold')).body['items']).toMatchObject([{ id }]);
  expect((await other.call('GET', '/contacts?tag=gold')).body['items']).toEqual([]);
  const [theirs, nobodys] = [
    await other.call('GET', `/contacts/${id}`),
    await other.call('GET', '/contacts/no'),
  ];
  expect(theirs.status).toBe(404);
  expect({ ...theirs.body, request_id: '' }).toEqual({ ...nobodys.body, request_id: '' });
});

it('a patch changes given fields, clears null ones, and refuses the number of another contact', async () => {
  const id = idOf(await save({ name: 'Citra', phone: '0811000111', fields: { a: 1, b: 2 } }));
  await save({ phone: '0811000222' });
  const updated = await shop.call('PATCH', `/contacts/${id}`, {
    json: { name: null, fields: { a: null, c: true }, opted_out: true },
  });
  expect(updated.body).toMatchObject({ name: null, fields: { b: 2, c: true }, opted_out: true });
  const conflict = await shop.call('PATCH', `/contacts/${id}`, { json: { phone: '0811000222' } });
  expect([conflict.status, conflict.body['code']]).toEqual([409, 'contact_exists']);
  const polluted = await shop.call('PATCH', `/contacts/${id}`, {
    body: '{"fields":{"__proto__":1}}',
    headers: { 'Content-Type': 'application/json' },
  });
  expect([200, 400]).toContain(polluted.status);
});

it('after a merge both ids lead to one contact with both histories', async () => {
  await shop.chat('hello from one', { user_id: 'one' });
  await shop.chat('hello from two', { user_id: 'two' });
  const identity = (user_id: string) => [{ channel: 'web', account_id: 'api', user_id }];
  const one = idOf(await save({ identities: identity('one'), name: 'Dewi', tags: ['x'] }));
  const two = idOf(await save({ identities: identity('two'), email: 'dewi@example.com', tags: ['y'] }));
  expect(one).not.toBe(two);
  await shop.call('POST', `/v1/contacts/${two}/notes`, { json: { text: 'likes coffee' } });
  const merged = await shop.call('POST', `/v1/contacts/${one}/merge`, { json: { other_id: two } });
  expect(merged.body).toMatchObject({ id: one, name: 'Dewi', email: 'dewi@example.com', tags: ['x', 'y'] });
  expect((await shop.call('GET', `/contacts/${two}`)).body).toEqual(merged.body);
  expect((await shop.call('POST', `/v1/contacts/${one}/merge`, { json: { other_id: two } })).status).toBe(
    422,
  );
  const { body } = await shop.call('GET', `/contacts/logs?contact_id=${two}`);
  const texts = (body['items'] as { text: string }[]).map(({ text }) => text);
  expect(texts).toEqual(expect.arrayContaining(['hello from one', 'hello from two', 'likes coffee']));
  await shop.chat('and again', { user_id: 'two' });
  const list = await shop.call('GET', '/contacts?query=dewi');
  expect(list.body['items']).toHaveLength(1);
});

it('an import reads a table row by row, changes nothing again, and exports no live formulas', async () => {
  const table =
    'Name;Phone;Email;Tags;Ukuran\nEko;0813 1;;"a,b";L\nFitri;0813-5555-6666;FITRI@example.com;vip;M\n=HYPERLINK(1);;g@example.com;;\n';
  const send = () => {
    const form = new FormData();
    form.append('file', new Blob([table], { type: 'text/csv' }), 'contacts.csv');
    return shop.call('POST', '/v1/contacts/import', { body: form });
  };
  const first = await send();
  expect(first.body).toMatchObject({ created: 2, updated: 0, rejected: [{ row: 2 }] });
  expect((await send()).body).toMatchObject({ created: 0, updated: 2 });
  const { text } = await shop.call('GET', '/v1/contacts/export');
  expect(text).toContain("'=HYPERLINK(1)");
  expect(text).toContain("'+6281355556666");
  const cells = text.split(/\r\n/).flatMap((line) => line.split(','));
  expect(cells.filter((cell) => /^"?[=+\-@\t\r]/.test(cell))).toEqual([]);
  const form = new FormData();
  form.append('file', new Blob([text], { type: 'text/csv' }), 'contacts.csv');
  const back = await shop.call('POST', '/v1/contacts/import', { body: form });
  expect(back.body['created']).toBe(0);
  const unknown = new FormData();
  unknown.append('file', new Blob(['a,b\n1,2\n']), 'x.csv');
  expect((await shop.call('POST', '/v1/contacts/import', { body: unknown })).body['code']).toBe(
    'no_known_column',
  );
});

it('a person is erased with everything they wrote', async () => {
  const answer = await shop.chat('a secret wish of mine', { user_id: 'gita' });
  const { body: conversation } = await shop.call('GET', `/v1/conversations/${answer.conversation_id}`);
  const id = String(conversation['contact_id']);
  await shop.call('PATCH', `/contacts/${id}`, { json: { name: 'Gita' } });
  expect((await shop.call('DELETE', `/contacts/${id}`)).status).toBe(204);
  expect((await shop.call('GET', `/contacts/${id}`)).status).toBe(404);
  expect((await shop.call('GET', `/v1/conversations/${answer.conversation_id}`)).status).toBe(404);
  const exported = await shop.call('GET', '/v1/contacts/export');
  expect(exported.text).not.toContain('Gita');
  const unanswered = await shop.call('GET', '/v1/unanswered');
  expect(unanswered.text).not.toContain('secret wish');
});

const upload = (client: SapaClient, text: string, query = '') => {
  const form = new FormData();
  form.append('file', new Blob([text], { type: 'text/csv' }), 'contacts.csv');
  return client.call('POST', `/v1/contacts/import${query}`, { body: form });
};
const table = (from: number, rows: number): string =>
  `name,phone,Kota\n${Array.from({ length: rows }, (_, n) => `Person ${from + n},0857${String(10_000_000 + from + n)},Solo\n`).join('')}`;

it('a background import continues after a kill and creates no duplicates', async () => {
  const ROWS = 4_000;
  const wrong = await upload(shop, 'a,b\n1,2\n', '?wait=false');
  const started = await upload(shop, `${table(0, ROWS)}Nobody,call me,Solo\n`, '?wait=false');
  expect([wrong.status, started.status]).toEqual([202, 202]);
  const path = (answer: typeof started): string => `/v1/contacts/imports/${String(answer.body['import_id'])}`;
  await eventually(
    async () => (await shop.call('GET', path(started))).body['progress'] as number,
    (progress) => progress > 0,
  );
  expect((await other.call('GET', path(started))).status).toBe(404);
  await sapa.kill();
  sapa = await startSapa({ dataDir: sapa.dataDir, env: { SEED_DEMO: 'false' } });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'shop' });
  other = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'other' });
  const done = await eventually(
    async () => (await shop.call('GET', path(started))).body,
    ({ status }) => status === 'done',
    90_000,
  );
  const { created, updated, rejected } = done as { created: number; updated: number; rejected: unknown };
  expect(created + updated).toBe(ROWS);
  expect(rejected).toEqual([{ row: ROWS + 2, reason: 'The telephone number cannot be read.' }]);
  expect((await shop.call('GET', path(wrong))).body).toMatchObject({
    status: 'failed',
    error: { code: 'no_known_column' },
  });
  const { text } = await shop.call('GET', '/v1/contacts/export');
  const people = text.split('\r\n').filter((line) => line.startsWith('Person '));
  expect(people).toHaveLength(ROWS);
  expect(new Set(people).size).toBe(ROWS);
  const asked = await shop.call('POST', '/v1/contacts/export');
  const made = `/v1/contacts/exports/${String(asked.body['export_id'])}`;
  expect([asked.status, (await other.call('GET', made)).status]).toEqual([202, 404]);
  await eventually(
    async () => (await shop.call('GET', made)).body,
    (body) => body['status'] === 'done' && body['progress'] === 1,
  );
  expect((await shop.call('GET', `${made}/file`)).text).toBe(text);
  expect((await other.call('GET', `${made}/file`)).status).toBe(404);
  const results = await shop.call('GET', '/contacts?query=Person%203999');
  expect(results.body['items']).toMatchObject([{ name: 'Person 3999', fields: { Kota: 'Solo' } }]);
});
