import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const OWNER = 500;
let business: PreparedBusiness;
let telegram: FakeTelegram;
let sapa: RunningSapa;
let bot: FakeBot;
let shop: SapaClient;

beforeAll(async () => {
  business = await prepareBusiness();
  telegram = await startFakeTelegram();
  const token = '100:a-secret-token-of-a-test';
  bot = telegram.bot(token);
  const env = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: telegram.apiRoot };
  sapa = await startSapa({ dataDir: await business.copy(), env });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
  await change({ staff: [{ channel: 'telegram', user_id: String(OWNER) }] });
});
afterAll(async () => {
  await sapa.stop();
  await telegram.close();
  await business.close();
});

const change = (json: Record<string, unknown>) => shop.call('PATCH', '/v1/tenants/demo/settings', { json });
const messages = () => bot.journal.messages(OWNER);

async function writes(text: string, expected: RegExp): Promise<string> {
  const before = messages().length;
  bot.user(OWNER, OWNER, { language_code: 'en' }).sends(text);
  const said = () =>
    messages()
      .slice(before)
      .map((message) => message.text ?? '')
      .find((each) => expected.test(each));
  return (await eventually(said, (found) => found !== undefined)) ?? '';
}

it('shows the owner the day, and what had no answer is answered from there', async () => {
  await shop.chat('What is the boiling point of mercury?', { user_id: 'curious', locale: 'en' });
  const report = await writes('/report', /Report of/);
  expect(report).toContain('so far');
  expect(report).toContain('1 message without an answer');
  expect(report).toContain('boiling point of mercury');
  await eventually(
    () => messages().filter((message) => message.photo !== undefined).length,
    (pictures) => pictures === 1,
  );
  const shown = messages().find((message) => JSON.stringify(message.reply_markup ?? '').includes('Answer 1'));
  if (shown === undefined) throw new Error('there is no button');
  bot.user(OWNER).presses(shown, 'Answer 1');
  await eventually(
    () => messages().at(-1)?.text ?? '',
    (text) => text.includes('boiling point'),
  );
  await writes('At 357 degrees.', /Saved/);
  const { answer } = await shop.chat('What is the boiling point of mercury?', {
    user_id: 'other',
    locale: 'en',
  });
  expect(answer).toBe('At 357 degrees.');
  const { body } = await shop.call('GET', '/v1/reports/daily');
  expect(body).toMatchObject({ period: 'day', is_over: false, numbers: { messages: 2, conversations: 2 } });
  expect((await shop.call('GET', '/v1/reports/weekly?week=2026-W60')).status).toBe(400);
});

it('answers questions about holidays once the owner switched them on', async () => {
  await writes('/hours holidays on', /are on now/);
  const { body } = await shop.call('GET', '/v1/tenants/demo/settings');
  const hours = body['business_hours'] as { public_holidays: { days: unknown[] } };
  expect(hours.public_holidays.days.length).toBeGreaterThan(20);
  const { answer } = await shop.chat('natal buka ga kak?', { user_id: 'asks', locale: 'id' });
  expect(answer).toMatch(/25 Desember: tutup \(.*Natal.*\)/);
});
