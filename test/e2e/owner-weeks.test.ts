import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, pause } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { openMovedClock, type MovedClock } from './support/moved-clock.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const OWNER = 500;
/** 27 November 2026 is a Friday; Jakarta is seven hours ahead of UTC. */
const FRIDAYS = ['2026-10-30', '2026-11-06', '2026-11-13', '2026-11-20'];
const MESSAGES = 20;

let clock: MovedClock;
let business: TelegramBusiness;

beforeAll(async () => {
  clock = await openMovedClock();
  await clock.set('2026-10-26T03:00:00Z');
  business = await startTelegramBusiness({ staff: [OWNER], env: clock.env });
});
afterAll(async () => {
  await business.close();
  await clock.close();
});

async function writesOn(day: string): Promise<void> {
  await clock.set(`${day}T04:00:00Z`);
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, n) =>
      business.shop.chat('What are your opening hours?', { user_id: `person-${day}-${n}`, locale: 'en' }),
    ),
  );
}

it('the owner is told once of an unusual day, and of the week with a picture', async () => {
  for (const day of FRIDAYS) await writesOn(day);
  await clock.set('2026-11-27T05:00:00Z');
  await business.changeSettings({
    reports: {
      daily: { at: '08:00' },
      weekly: { at: '09:00', day: 'mon', locale: 'id' },
      alerts: true,
    },
  });
  // A few people write and then block the bot.
  for (const id of [1, 2, 3, 4]) {
    await business.greets(id);
    business.person(id).blocks();
    const { body } = await business.shop.call('POST', '/followup/schedule', {
      json: { user_id: String(id), channel: 'telegram', message: 'Your batik is ready.', in: 'PT1S' },
    });
    await eventually(
      () => business.shop.call('GET', `/followup/${String(body['id'])}`),
      (answer) => answer.body['status'] === 'failed',
    );
  }
  const before = business.textsOf(OWNER).length;
  await clock.set('2026-11-27T07:00:01Z');
  const { text: alert } = await business.reaches(OWNER, 'not as usual', before);
  expect(alert).toContain('Few messages: 4, usually 20');
  expect(alert).toContain('Messages that did not reach people: 4, usually 0');
  await clock.set('2026-11-27T09:00:01Z');
  await pause(3_000);
  const alerts = business.textsOf(OWNER).filter((each) => each.includes('not as usual'));
  expect(alerts).toHaveLength(1);

  await clock.set('2026-11-30T02:00:01Z');
  const { text: daily } = await business.reaches(OWNER, 'Report of Sunday, November 29, 2026', before);
  expect(daily).toContain('0 messages');
  const { text: weekly } = await business.reaches(OWNER, 'Laporan minggu 23–29 November 2026', before);
  expect(weekly).toContain('⚠️');
  expect(weekly).toContain('Sebab pesan terjadwal gagal: orangnya memblokir bot atau menghapus chatnya (×4)');
  const picture = await eventually(
    () =>
      business
        .messagesOf(OWNER)
        .slice(before)
        .find(({ photo }) => photo !== undefined),
    (message) => message !== undefined,
  );
  expect(picture?.message_id).toBeGreaterThan(0);
  const call = business.bot.journal.callsOf('sendPhoto').at(-1);
  const { bytes } = call?.params['photo'] as { bytes: Uint8Array };
  expect(Buffer.from(bytes).subarray(1, 4).toString()).toBe('PNG');
});
