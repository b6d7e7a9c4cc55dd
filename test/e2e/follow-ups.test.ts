import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, pause } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import type { CallOptions } from './support/http-client.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const STAFF = 99;
let business: TelegramBusiness;

beforeAll(async () => {
  business = await startTelegramBusiness({ staff: [STAFF] });
});
afterAll(() => business.close());

const call = (method: string, path: string, options?: CallOptions) =>
  business.shop.call(method, path, options);
const textsOf = (id: number) => business.textsOf(id);
const greets = (id: number) => business.greets(id);
const schedule = (json: Record<string, unknown>) => call('POST', '/followup/schedule', { json });
const onTelegram = (id: number) => ({ user_id: String(id), channel: 'telegram' });

async function ends(id: unknown): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await eventually(
    () => call('GET', `/followup/${String(id)}`),
    (answer) => answer.body['status'] !== 'pending',
  );
  return body;
}

it('a follow-up reaches a person once at its time, and its status says so', async () => {
  await greets(7);
  const followUp = await schedule({ ...onTelegram(7), message: 'Your batik is ready.', in: 'PT1S' });
  expect(followUp.status).toBe(201);
  expect(followUp.body).toMatchObject({ status: 'pending', channel: 'telegram', runs: 0 });
  const current = await ends(followUp.body['id']);
  expect(current).toMatchObject({ status: 'sent', runs: 1, next_run_at: null });
  expect(current['last_sent_at']).toBeDefined();
  await pause(800);
  expect(textsOf(7).filter((text) => text === 'Your batik is ready.')).toHaveLength(1);
  const late = await call('PATCH', `/followup/${String(followUp.body['id'])}`, { json: { message: 'x' } });
  expect([late.status, late.body['code']]).toEqual([409, 'followup_not_pending']);
});

it('a follow-up is sent once even if the process is killed while it is due', async () => {
  await greets(8);
  const followUp = await schedule({ ...onTelegram(8), message: 'Only once, please.', in: '2 seconds' });
  await pause(1_700);
  await business.sapa.kill();
  await business.start();
  expect(await ends(followUp.body['id'])).toMatchObject({ status: 'sent' });
  await pause(800);
  expect(textsOf(8).filter((text) => text === 'Only once, please.')).toHaveLength(1);
});

it('a follow-up is cancelled if the person replies or opts out', async () => {
  await greets(9);
  const replied = await schedule({ ...onTelegram(9), message: 'Still interested?', in: '3 hari' });
  const followUp = await schedule({
    ...onTelegram(9),
    message: 'Anyway.',
    in: '1 minggu',
    cancel_on_reply: false,
  });
  await greets(9);
  const pending = await call('GET', '/followup/pending');
  const ids = (pending.body['items'] as { id: string }[]).map(({ id }) => id);
  expect(ids).toContain(followUp.body['id']);
  expect(ids).not.toContain(replied.body['id']);
  expect(await ends(replied.body['id'])).toMatchObject({ status: 'cancelled', reason: 'replied' });
  await call('PATCH', `/contacts/${String(followUp.body['contact_id'])}`, { json: { opted_out: true } });
  expect(await ends(followUp.body['id'])).toMatchObject({ status: 'cancelled', reason: 'opted_out' });
});

it('a follow-up is cancelled if a person from the team has taken over the conversation', async () => {
  await greets(14);
  const followUp = await schedule({ ...onTelegram(14), message: 'Still interested?', in: 'PT2S' });
  const conversation = `/v1/conversations/${String(followUp.body['conversation_id'])}`;
  expect((await call('POST', `${conversation}/takeover`)).status).toBe(200);
  expect(await ends(followUp.body['id'])).toMatchObject({ status: 'cancelled', reason: 'handed_over' });
  expect(textsOf(14)).not.toContain('Still interested?');
});

it('a follow-up that expired while the service was away is not sent', async () => {
  await greets(13);
  const expiresAt = new Date(Date.now() + 3_000).toISOString();
  const followUp = await schedule({
    ...onTelegram(13),
    message: 'Today only!',
    in: 'PT2S',
    expires_at: expiresAt,
  });
  await business.sapa.kill();
  await pause(3_000);
  await business.start();
  expect(await ends(followUp.body['id'])).toMatchObject({ status: 'cancelled', reason: 'expired' });
  expect(textsOf(13)).not.toContain('Today only!');
});

it('a follow-up to a person who blocked the bot fails with the reason in the API, chat and report', async () => {
  await greets(10);
  business.person(10).blocks();
  const followUp = await schedule({ ...onTelegram(10), message: 'Hello there?', in: 'PT1S' });
  const failed = await ends(followUp.body['id']);
  expect(failed).toMatchObject({
    status: 'failed',
    reason: 'chat_blocked',
    reason_text: 'orangnya memblokir bot atau menghapus chatnya',
    detail: expect.stringContaining('blocked') as string,
    ended_at: expect.any(String) as string,
  });
  const english = await call('GET', `/followup/${String(followUp.body['id'])}`, {
    headers: { 'Accept-Language': 'fr, en-GB;q=0.8' },
  });
  expect(english.body['reason_text']).toBe('the person blocked the bot, or deleted the chat');
  for (const [command, words] of [
    ['/followup list', 'did not reach the person:'],
    ['/report', 'Why follow-ups failed: the person blocked the bot'],
  ] as const) {
    const before = textsOf(STAFF).length;
    business.person(STAFF).sends(command);
    const { text } = await business.reaches(STAFF, words, before);
    expect(text).toContain('the person blocked the bot, or deleted the chat');
  }
  const { body } = await call('GET', '/v1/reports/daily');
  expect(body).toMatchObject({
    numbers: { followups_failed: 1 },
    followup_failures: [{ reason: 'chat_blocked', count: 1 }],
  });
});

it('a follow-up joins the conversation if the channel cannot push messages', async () => {
  const answer = await business.shop.chat('What are your opening hours?', { user_id: 'web-1' });
  const contactId = (await call('GET', `/v1/conversations/${answer.conversation_id}`)).body['contact_id'];
  const followUp = await schedule({ contact_id: contactId, message: 'Come by on Saturday!', in: 'PT1S' });
  await ends(followUp.body['id']);
  const { text } = await call('GET', `/v1/conversations/${answer.conversation_id}/messages`);
  expect(text).toContain('Come by on Saturday!');
});

it('a recurring follow-up repeats by cron in its time zone until it is cancelled', async () => {
  const followUp = await schedule({
    ...onTelegram(7),
    message: 'Monday!',
    cron: '0 9 * * 1',
    timezone: 'Asia/Jakarta',
  });
  expect(followUp.status).toBe(201);
  const next = new Date(String(followUp.body['next_run_at']));
  expect([next.getUTCDay(), next.getUTCHours()]).toEqual([1, 2]);
  // A new time applies only to the next run; the runs after it follow the cron expression.
  const moved = await call('PATCH', `/followup/${String(followUp.body['id'])}`, {
    json: { at: new Date(Date.now() + 2_000).toISOString() },
  });
  expect(moved.body).toMatchObject({ status: 'pending', cron: '0 9 * * 1', runs: 0 });
  const ran = await eventually(
    () => call('GET', `/followup/${String(followUp.body['id'])}`),
    (answer) => answer.body['runs'] === 1,
  );
  expect(ran.body).toMatchObject({ status: 'pending', next_run_at: next.toISOString() });
  expect((await call('DELETE', `/followup/${String(followUp.body['id'])}`)).status).toBe(204);
  expect(await ends(followUp.body['id'])).toMatchObject({ status: 'cancelled', next_run_at: null });
});

it('a follow-up that cannot be scheduled is refused with the wrong field', async () => {
  for (const wrong of [
    { in: '0 minutes' },
    { in: 'soon' },
    { cron: 'every monday' },
    {},
    { in: '1 day', cron: '0 9 * * 1' },
    { at: '2020-01-01T00:00:00Z' },
    { in: '1 day', expires_at: new Date().toISOString() },
    { cron: '0 9 * * 1', expires_at: '2020-01-01T00:00:00Z' },
  ]) {
    const answer = await schedule({ ...onTelegram(7), message: 'x', ...wrong });
    expect(answer.status, JSON.stringify(wrong)).toBe(400);
  }
  expect((await schedule({ contact_id: 'contact_of_nobody', message: 'x', in: '1 day' })).status).toBe(404);
  expect((await schedule({ message: 'x', in: '1 day' })).status).toBe(400);
  // Nobody uses this channel, and it cannot push messages.
  const nowhere = await schedule({ user_id: '7', channel: 'discord', message: 'x', in: '1 day' });
  expect([nowhere.status, nowhere.body['code']]).toEqual([422, 'unknown_channel']);
});

it('a time that has just passed counts as now, and one further back as a mistake', async () => {
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const now = await schedule({ ...onTelegram(7), message: 'Right now.', at: at(-5_000) });
  expect(await ends(now.body['id'])).toMatchObject({ status: 'sent' });
  const later = await schedule({ ...onTelegram(7), message: 'Later.', in: '2 days' });
  const change = (json: Record<string, unknown>) =>
    call('PATCH', `/followup/${String(later.body['id'])}`, { json });
  const past = await change({ at: at(-3_600_000) });
  expect(past).toMatchObject({ status: 400, body: { errors: [{ path: 'at', code: 'past' }] } });
  const expired = await change({ expires_at: at(86_400_000) });
  expect(expired).toMatchObject({ status: 400, body: { errors: [{ path: 'expires_at' }] } });
  expect((await change({ at: at(3_600_000), expires_at: at(7_200_000) })).status).toBe(200);
});

it('two people with the same id on two channels of an API client stay separate', async () => {
  const says = (channel: string, content: string) =>
    business.shop.chat(content, { user_id: 'customer-1', channel });
  const [line, shop] = [await says('line', 'Hello'), await says('kiosk', 'Hello')];
  expect(line.conversation_id).not.toBe(shop.conversation_id);
  const followUp = await schedule({
    user_id: 'customer-1',
    channel: 'line',
    message: 'For line alone.',
    in: 'PT1S',
  });
  expect(followUp.body).toMatchObject({ conversation_id: line.conversation_id, channel: 'line' });
  await ends(followUp.body['id']);
  const history = async (id: string) => (await call('GET', `/v1/conversations/${id}/messages`)).text;
  expect(await history(line.conversation_id)).toContain('For line alone.');
  expect(await history(shop.conversation_id)).not.toContain('For line alone.');
});

it('a sequence sends its steps in order and ends when the person answers', async () => {
  await greets(11);
  await greets(12);
  const contactOf = async (id: number): Promise<unknown> => {
    const followUp = await schedule({ ...onTelegram(id), message: 'x', in: '1 day' });
    await call('DELETE', `/followup/${String(followUp.body['id'])}`);
    return followUp.body['contact_id'];
  };
  const [stays, answers] = [await contactOf(11), await contactOf(12)];
  const steps = [
    { after: 'PT0S', message: 'Step one.' },
    { after: 'PT2S', message: 'Step two.' },
  ];
  const put = await call('PUT', '/v1/sequences/welcome', { json: { steps } });
  expect([put.status, put.body]).toMatchObject([201, { name: 'welcome', steps, cancel_on_reply: true }]);
  const enrol = async (contactId: unknown) =>
    call('POST', '/v1/sequences/welcome/enroll', { json: { contact_id: contactId } });
  const [first] = [await enrol(stays), await enrol(answers)];
  expect(first.status).toBe(201);
  const again = await enrol(stays);
  const idsOf = (answer: typeof again) => (answer.body['items'] as { id: string }[]).map(({ id }) => id);
  expect([again.status, idsOf(again)]).toEqual([200, idsOf(first)]);
  await eventually(
    () => textsOf(12),
    (texts) => texts.includes('Step one.'),
  );
  await greets(12);
  await eventually(
    () => textsOf(11),
    (texts) => texts.includes('Step two.'),
  );
  const ofSequence = (id: number) => textsOf(id).filter((text) => text.startsWith('Step'));
  expect(ofSequence(11)).toEqual(['Step one.', 'Step two.']);
  expect(ofSequence(12)).toEqual(['Step one.']);
  expect((await call('DELETE', '/v1/sequences/welcome')).status).toBe(204);
  expect((await call('GET', '/v1/sequences/welcome')).status).toBe(404);
});
