import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, pause } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const HOUR_MS = 3_600_000;
const ANI = 7;

/** Loaded before the service: its clock is ahead by what a file says. */
const clockScript = (file: string): string => `
import { readFileSync } from 'node:fs';
const Real = Date;
let aheadMs = 0;
setInterval(() => { aheadMs = Number(readFileSync(${JSON.stringify(file)}, 'utf8')); }, 50).unref();
globalThis.Date = class Date extends Real {
  constructor(...given) { if (given.length === 0) super(Real.now() + aheadMs); else super(...given); }
  static now() { return Real.now() + aheadMs; }
};`;

let folder: string;
let business: TelegramBusiness;
let aheadMs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sapa-clock-'));
  await jump(0);
  const script = join(folder, 'clock.mjs');
  await writeFile(script, clockScript(join(folder, 'ahead')));
  business = await startTelegramBusiness({ env: { NODE_OPTIONS: `--import ${pathToFileURL(script).href}` } });
  await business.greets(ANI);
});
afterAll(async () => {
  await business.close();
  await rm(folder, { recursive: true, force: true });
});

async function jump(byMs: number): Promise<void> {
  aheadMs += byMs;
  await writeFile(join(folder, 'ahead'), String(aheadMs));
  await pause(200);
}

const times = (message: string): number => business.textsOf(ANI).filter((text) => text === message).length;

async function plan(message: string, inMs: number): Promise<void> {
  const at = new Date(Date.now() + aheadMs + inMs).toISOString();
  const { status, text } = await business.shop.call('POST', '/followup/schedule', {
    json: { user_id: String(ANI), channel: 'telegram', message, at },
  });
  expect(status, text).toBe(201);
}

it('sends each follow-up once, at its time, whichever way the clock of the machine jumps', async () => {
  await plan('In an hour.', HOUR_MS);
  await plan('In two days.', 48 * HOUR_MS);
  await jump(2 * HOUR_MS);
  await eventually(
    () => times('In an hour.'),
    (count) => count === 1,
  );
  // Back by a day: what was sent stays sent, and what is new goes by the clock as it is now.
  await jump(-24 * HOUR_MS);
  await plan('After the jump back.', 1_000);
  await eventually(
    () => times('After the jump back.'),
    (count) => count === 1,
    90_000,
  );
  expect(times('In two days.')).toBe(0);
  await jump(72 * HOUR_MS);
  await eventually(
    () => times('In two days.'),
    (count) => count === 1,
    90_000,
  );
  await pause(1_500);
  expect(['In an hour.', 'After the jump back.', 'In two days.'].map(times)).toEqual([1, 1, 1]);
});
