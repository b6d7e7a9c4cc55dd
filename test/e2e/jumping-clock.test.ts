import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, pause } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { openMovedClock, type MovedClock } from './support/moved-clock.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const HOUR_MS = 3_600_000;
const ANI = 7;

let clock: MovedClock;
let business: TelegramBusiness;

beforeAll(async () => {
  clock = await openMovedClock();
  business = await startTelegramBusiness({ env: clock.env });
  await business.greets(ANI);
});
afterAll(async () => {
  await business.close();
  await clock.close();
});

const times = (message: string): number => business.textsOf(ANI).filter((text) => text === message).length;

async function plan(message: string, inMs: number): Promise<void> {
  const at = new Date(clock.now().getTime() + inMs).toISOString();
  const { status, text } = await business.shop.call('POST', '/followup/schedule', {
    json: { user_id: String(ANI), channel: 'telegram', message, at },
  });
  expect(status, text).toBe(201);
}

it('each follow-up is sent once at its time, whichever way the system clock jumps', async () => {
  await plan('In an hour.', HOUR_MS);
  await plan('In two days.', 48 * HOUR_MS);
  await clock.jump(2 * HOUR_MS);
  await eventually(
    () => times('In an hour.'),
    (count) => count === 1,
  );
  // One day back: sent messages are not sent again, and new ones follow the clock as it is now.
  await clock.jump(-24 * HOUR_MS);
  await plan('After the jump back.', 1_000);
  await eventually(
    () => times('After the jump back.'),
    (count) => count === 1,
    90_000,
  );
  expect(times('In two days.')).toBe(0);
  await clock.jump(72 * HOUR_MS);
  await eventually(
    () => times('In two days.'),
    (count) => count === 1,
    90_000,
  );
  await pause(1_500);
  expect(['In an hour.', 'After the jump back.', 'In two days.'].map(times)).toEqual([1, 1, 1]);
});
