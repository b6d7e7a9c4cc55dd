import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, pause } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type Answer, type SapaClient } from './support/http-client.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

/**
 * Resources held by the dead process are taken over after more than half a minute, later on a busy machine.
 */
const RECOVERS_WITHIN_MS = 180_000;

/** Two real processes on one data folder: the first holds the store, the second uses it. */
let business: TelegramBusiness;
let one: SapaClient;
let two: SapaClient;

beforeAll(async () => {
  business = await startTelegramBusiness();
  const second = await business.startAnother();
  one = business.shop;
  two = sapaClient({ url: second.url, key: second.adminKey, tenantId: 'demo' });
});
afterAll(() => business.close());

const both = <Result>(work: (client: SapaClient) => Promise<Result>) => Promise.all([work(one), work(two)]);
const idOf = ({ status, text, body }: Answer): string => {
  expect(status, text).toBeLessThan(300);
  return String(body['id']);
};
const contact = async (n: number): Promise<string> =>
  idOf(await one.call('POST', '/contacts', { json: { name: `Pair ${n}`, phone: `0812777${1000 + n}` } }));

it('two contacts are merged once, even if both directions are requested at once', async () => {
  for (const round of [0, 1, 2]) {
    const [a, b] = [await contact(2 * round), await contact(2 * round + 1)];
    const merge = (client: SapaClient, into: string, other: string) =>
      client.call('POST', `/v1/contacts/${into}/merge`, { json: { other_id: other } });
    const note = one.call('POST', `/v1/contacts/${b}/notes`, { json: { text: `kept ${round}` } });
    const answers = await Promise.all([merge(one, a, b), merge(two, b, a), note]);
    for (const { status, text } of answers) expect([200, 201, 409, 422], text).toContain(status);
    const people = await both(async (client) => {
      const contacts = await Promise.all([a, b].map((id) => client.call('GET', `/contacts/${id}`)));
      return contacts.map((answer) => idOf(answer));
    });
    expect(new Set(people.flat()).size, JSON.stringify(people)).toBe(1);
    const notes = await two.call('GET', `/v1/contacts/${a}/notes`);
    expect(notes.text).toContain(`kept ${round}`);
  }
});

it('a person is erased once, together with what is written about them at that moment', async () => {
  const id = await contact(50);
  const answers = await Promise.all([
    one.call('DELETE', `/contacts/${id}`),
    two.call('DELETE', `/contacts/${id}`),
    two.call('PATCH', `/contacts/${id}`, { json: { name: 'Rahasia Sekali' } }),
    one.call('POST', `/v1/contacts/${id}/notes`, { json: { text: 'rahasia sekali' } }),
  ]);
  for (const { status } of answers) expect([200, 201, 204, 404]).toContain(status);
  for (const { status } of await both((client) => client.call('GET', `/contacts/${id}`)))
    expect(status).toBe(404);
  const results = await both((client) => client.call('GET', '/contacts?query=Rahasia'));
  expect(results.map(({ body }) => body['items'])).toEqual([[], []]);
});

it('one table imported by both processes creates no duplicates', async () => {
  const rows = Array.from({ length: 300 }, (_, n) => `Row ${n},0813555${10_000 + n},row${n}@example.com\n`);
  const reports = await both((client) => {
    const form = new FormData();
    form.append('file', new Blob([`name,phone,email\n${rows.join('')}`], { type: 'text/csv' }), 'people.csv');
    return client.call('POST', '/v1/contacts/import?wait=true', { body: form });
  });
  const count = (field: string) => reports.reduce((sum, { body }) => sum + Number(body[field]), 0);
  expect(reports.map(({ body }) => body['rejected'])).toEqual([[], []]);
  expect([count('created'), count('updated')]).toEqual([300, 300]);
  const { text } = await two.call('GET', '/v1/contacts/export');
  expect(text.match(/^Row \d+,/gm)).toHaveLength(300);
});

it(
  'each follow-up is sent once even if both race and the one holding the store is killed',
  async () => {
    const people = Array.from({ length: 8 }, (_, n) => 700 + n);
    for (const id of people) business.person(id).sends('/start');
    for (const id of people) await business.reaches(id, '');
    const at = new Date(Date.now() + 4_000).toISOString();
    const messages = people.flatMap((id) => [1, 2].map((n) => ({ id, message: `Due ${id}-${n}.` })));
    const ids = await Promise.all(
      messages.map(async ({ id, message }, n) =>
        idOf(
          await (n % 2 === 0 ? one : two).call('POST', '/followup/schedule', {
            json: { user_id: String(id), channel: 'telegram', message, at, cancel_on_reply: false },
          }),
        ),
      ),
    );
    const due = () => messages.filter(({ id, message }) => business.textsOf(id).includes(message)).length;
    // Meanwhile the process that holds the store is killed, and the other process takes the store over.
    await eventually(due, (count) => count > 0);
    await business.sapa.kill();
    await eventually(due, (count) => count === messages.length, RECOVERS_WITHIN_MS).catch(
      async (error: unknown) => {
        const followUps = await Promise.all(ids.map((id) => two.call('GET', `/followup/${id}`)));
        const unsent = followUps.filter(({ body }) => body['status'] !== 'sent' || body['runs'] !== 1);
        throw new Error(`${String(error)}: ${unsent.map(({ text }) => text).join()}`);
      },
    );
    for (const id of ids) {
      await eventually(
        () => two.call('GET', `/followup/${id}`),
        ({ body }) => body['status'] === 'sent' && body['runs'] === 1,
        RECOVERS_WITHIN_MS,
      );
    }
    await pause(1_500);
    for (const id of people) {
      const got = business.textsOf(id).filter((text) => text.startsWith('Due '));
      expect(got.toSorted()).toEqual([`Due ${id}-1.`, `Due ${id}-2.`]);
    }
  },
  2 * RECOVERS_WITHIN_MS,
);
