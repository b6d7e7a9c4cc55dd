import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import type { SapaClient } from './support/http-client.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const OWNER = 500;
let business: TelegramBusiness;
let shop: SapaClient;

beforeAll(async () => {
  business = await startTelegramBusiness({ staff: [OWNER] });
  shop = business.shop;
});
afterAll(() => business.close());

const messages = () => business.messagesOf(OWNER);

async function writes(text: string, expected: RegExp): Promise<string> {
  const before = messages().length;
  business.person(OWNER).sends(text);
  const reply = () =>
    messages()
      .slice(before)
      .map((message) => message.text ?? '')
      .find((each) => expected.test(each));
  return (await eventually(reply, (latest) => latest !== undefined)) ?? '';
}

it('the owner sees the day in a report, and answers its open questions from there', async () => {
  await shop.chat('What is the boiling point of mercury?', { user_id: 'curious', locale: 'en' });
  const report = await writes('/report', /Report of/);
  expect(report).toContain('so far');
  expect(report).toContain('1 message without an answer');
  expect(report).toContain('boiling point of mercury');
  await eventually(
    () => messages().filter((message) => message.photo !== undefined).length,
    (pictures) => pictures === 1,
  );
  const notice = messages().find((message) =>
    JSON.stringify(message.reply_markup ?? '').includes('Answer 1'),
  );
  if (notice === undefined) throw new Error('there is no button');
  business.person(OWNER).presses(notice, 'Answer 1');
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

it('questions about holidays are answered once the owner enabled holidays', async () => {
  await writes('/hours holidays on', /are on now/);
  const { body } = await shop.call('GET', '/v1/tenants/demo/settings');
  const hours = body['business_hours'] as { public_holidays: { days: unknown[] } };
  expect(hours.public_holidays.days.length).toBeGreaterThan(20);
  const { answer } = await shop.chat('natal buka ga kak?', { user_id: 'asks', locale: 'id' });
  expect(answer).toMatch(/25 Desember: tutup \(.*Natal.*\)/);
});
