import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createReports } from '../../src/automation/index.js';
import { makeReport, type Report } from '../../src/automation/reports/make-report.js';
import { StaffNews } from '../../src/automation/reports/news.js';
import { mondayOfWeek } from '../../src/lib/time/iso-week.js';
import { dayPeriod, weekPeriod } from '../../src/automation/reports/period.js';
import { unusualIn } from '../../src/automation/reports/unusual.js';
import type { Clock } from '../../src/contracts/runtime.js';
import { tenantSettingsSchema, type TenantSettingsInput } from '../../src/contracts/settings.js';
import type { Conversation, TenantScope } from '../../src/contracts/stores.js';
import type { AnswerSource, Turn } from '../../src/contracts/turn.js';
import type { UsageService } from '../../src/contracts/usage.js';
import { createOutreach } from '../../src/delivery/index.js';
import { createI18n } from '../../src/i18n/create-i18n.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { RecordedUsage } from '../../src/llm/index.js';
import { answerOf, turn } from '../contracts/stores/under-test.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

const DAY_MS = 86_400_000;
/** Friday, 27 November 2026, 20:00 in Jakarta. */
const NOW = Date.parse('2026-11-27T13:00:00Z');
const ZONE = 'Asia/Jakarta';
const NOTHING_USED = {
  turns: 0,
  estimatedCalls: 0,
  unpricedCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
};

let nowMs = NOW - 60 * DAY_MS;
const clock: Clock = { ...systemClock, now: () => new Date(nowMs) };
const i18n = createI18n({ folder: join(projectRoot, 'locales') });
const usage = new RecordedUsage({ clock, logger: silentLogger, makeId, warn: () => Promise.resolve() });

let store: TestStore;
let staff: Conversation;

beforeAll(async () => {
  store = await openTestStore({ clock });
  await change({});
  const scope = await tenant();
  staff = await person('boss', NOW - 50 * DAY_MS);
  await scope.contacts.update(staff.contactId, { isStaff: true });
  // Four Fridays with twenty messages each around noon, then a Friday with five.
  for (let week = 1; week <= 4; week += 1) await writes(20, `2026-11-27T05:00:00Z`, week);
  await writes(5, '2026-11-27T05:00:00Z', 0);
  nowMs = NOW;
}, 60_000);
afterAll(() => store.close());

async function tenant(): Promise<TenantScope> {
  const scope = await store.service.scope('shop');
  if (scope === undefined) throw new Error('no scope');
  return scope;
}

async function change(settings: Partial<TenantSettingsInput>): Promise<void> {
  const whole = tenantSettingsSchema.parse({ name: 'Toko', timezone: ZONE, ...settings });
  await store.service.putTenant('shop', whole);
}

async function person(name: string, atMs: number): Promise<Conversation> {
  const scope = await tenant();
  const at = new Date(atMs);
  const identity = { channel: 'web', accountId: 'api', userId: name };
  const contact = await scope.contacts.ensure({ ...identity, at });
  const chat = { chatId: name, kind: 'direct' } as const;
  const facts = { accountId: 'api', channel: 'web', contactId: contact.id, chat, title: name, at };
  return scope.conversations.ensure({ id: makeId('c'), ...facts });
}

async function answered(
  { id: conversationId, contactId }: Conversation,
  at: Date,
  source: AnswerSource,
  more: Partial<Turn> = {},
): Promise<string> {
  const id = makeId('t');
  const facts = { conversationId, contactId, createdAt: at, answer: answerOf('x', { source }) };
  const delivery = { state: 'sent', receipt: { sentAt: at }, wasInDoubt: false } as const;
  await (await tenant()).turns.commit(turn(id, [makeId('e')], { deliveries: [delivery], ...facts, ...more }));
  return id;
}

async function writes(count: number, time: string, weeksAgo: number): Promise<void> {
  const at = new Date(Date.parse(time) - weeksAgo * 7 * DAY_MS);
  const customer = await person(makeId('u'), at.getTime());
  for (let each = 0; each < count; each += 1) await answered(customer, at, each === 0 ? 'fallback' : 'faq');
}

async function report(date = '2026-11-27'): Promise<Report> {
  const deps = { service: store.service, usage, clock };
  return makeReport(deps, await tenant(), dayPeriod(date, ZONE));
}

it('counts what people wrote and who answered, in the business’s time zone, without staff', async () => {
  const early = await person('early', Date.parse('2026-11-24T17:05:00Z'));
  // 25 November 00:05 in Jakarta, and the last minute of that day.
  const rated = await answered(early, new Date('2026-11-24T17:05:00Z'), 'knowledge');
  const written = { answer: answerOf('x', { source: 'model', model: 'openai:gpt-5-mini' }) } as const;
  await answered(early, new Date('2026-11-25T16:59:00Z'), 'model', written);
  await answered(early, new Date('2026-11-25T17:00:00Z'), 'model', written);
  await answered(early, new Date('2026-11-25T03:00:00Z'), 'human', { origin: { type: 'staff' } });
  await answered(early, new Date('2026-11-25T03:00:00Z'), 'command', {
    origin: { type: 'job' },
    deliveries: [{ state: 'failed', reason: 'blocked' }],
  });
  await answered(staff, new Date('2026-11-25T03:00:00Z'), 'command');
  await (await tenant()).turns.saveFeedback(rated, { rating: 'up', at: clock.now() });
  const { numbers } = await report('2026-11-25');
  expect(numbers).toMatchObject({
    conversations: 1,
    newContacts: 1,
    messages: 2,
    answers: { knowledge: 1, model: 1, human: 1, nothing: 0, command: 0 },
    followUpsFailed: 1,
    failedDeliveries: 1,
    thumbsUp: 1,
  });
  expect([numbers.byHour[0], numbers.byHour[23]]).toEqual([1, 1]);
});

it('counts a greeting without a model as a command, not as a model answer', async () => {
  const polite = await person('polite', Date.parse('2026-11-23T03:00:00Z'));
  await answered(polite, new Date('2026-11-23T03:00:00Z'), 'model', {
    answer: answerOf('Hello!', { source: 'model', model: 'none' }),
  });
  expect((await report('2026-11-23')).numbers.answers).toMatchObject({ model: 0, command: 1 });
});

it('compares a day with the same weekday of earlier weeks, each counted once', async () => {
  const first = await report();
  expect(first.before.map(({ key }) => key)).toEqual([
    '2026-11-20',
    '2026-11-13',
    '2026-11-06',
    '2026-10-30',
  ]);
  expect(first.before.map(({ messages }) => messages)).toEqual([20, 20, 20, 20]);
  expect(unusualIn(first)).toEqual([{ what: 'messages', direction: 'low', value: 5, usual: 20 }]);
  // Five by noon is low compared with twenty; by eleven, nobody has written on any Friday.
  expect(unusualIn(first, 11)).toEqual([]);
  await writes(3, '2026-11-27T06:00:00Z', 2);
  const again = await report();
  expect(again.before.map(({ messages }) => messages)).toEqual([20, 20, 20, 20]);
});

it('follows the calendar weeks', () => {
  expect(weekPeriod('2027-01-03', ZONE)).toMatchObject({
    key: '2026-W53',
    from: new Date('2026-12-27T17:00:00Z'),
    until: new Date('2027-01-03T17:00:00Z'),
  });
  expect(mondayOfWeek('2026-W48')).toBe('2026-11-23');
  expect(['2025-W53', '2026-W00', '2026-48', ''].map(mondayOfWeek)).toEqual(Array(4).fill(undefined));
  // Days of 23 and 25 hours.
  const hours = (date: string): number => {
    const { from, until } = dayPeriod(date, 'Europe/Berlin');
    return (until.getTime() - from.getTime()) / 3_600_000;
  };
  expect(['2026-03-29', '2026-10-25', '2026-07-01'].map(hours)).toEqual([23, 25, 24]);
});

it('writes a report in both languages, with a picture and a button for each open question', async () => {
  const scope = await tenant();
  const base = { conversationId: staff.id, at: clock.now(), locale: 'en' } as const;
  for (const text of ['Do you gift-wrap?', 'Do you gift-wrap?', 'Is there parking?'])
    await scope.unanswered.record({ ...base, text });
  const reports = createReports({ service: store.service, usage, i18n, clock });
  const daily = await reports.message(scope, 'daily', 'en');
  expect(daily.text).toContain('Report of Friday, November 27, 2026 so far');
  expect(daily.text).toContain('5 messages (usually 20 messages by the end of the day)');
  expect(daily.text).toContain('1. Do you gift-wrap? (×2)');
  expect(daily.buttons?.flat().map(({ label }) => label)).toEqual(['Answer 1', 'Answer 2']);
  const weekly = await reports.message(scope, 'weekly', 'id', '2026-11-20');
  expect(weekly.text).toContain('Laporan minggu 16–22 November 2026');
  for (const { files = [] } of [daily, weekly]) {
    const [picture] = files;
    expect(
      Buffer.from(picture?.bytes ?? [])
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  }
});

const run = { signal: new AbortController().signal, attempt: 1, progress: () => Promise.resolve() };

/** A `StaffNews` whose jobs the test runs by hand. */
function openNews(usageOf: Pick<UsageService, 'report'> = usage) {
  const jobs = new Map<string, Date>();
  const news = new StaffNews({
    service: store.service,
    usage: usageOf,
    i18n,
    clock,
    reports: createReports({ service: store.service, usage: usageOf, i18n, clock }),
    outreach: createOutreach({
      lanes: store.service.lanes,
      findAccount: () => undefined,
      wake: () => undefined,
      clock,
    }),
    queue: {
      enqueue: (_type, _tenant, _data, { key = '', at = clock.now() } = {}) => {
        jobs.set(key, at);
        return Promise.resolve(key);
      },
      repeat: () => Promise.reject(new Error('not expected')),
      cancel: () => Promise.resolve(true),
      find: () => Promise.resolve(undefined),
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    },
    async staffChats(scope) {
      const contact = await scope.contacts.get(staff.contactId);
      return contact === undefined ? [] : [{ contact, conversation: staff }];
    },
  });
  const follow = async (reports: TenantSettingsInput['reports']): Promise<void> => {
    await change({ reports });
    await news.follow(await tenant());
  };
  const ring = async (kind: string): Promise<void> => news.jobs()[0]?.run(await tenant(), { kind }, run);
  const newsTexts = async (): Promise<string[]> => {
    const turns = await (await tenant()).turns.recent(staff.id, 50);
    return turns.filter(({ origin }) => origin.type === 'outreach').map(({ answer }) => answer.text);
  };
  return { jobs, news, follow, ring, told: newsTexts };
}

it('sends a report to staff once at its time, and not after it was switched off', async () => {
  const { jobs, news, follow, ring, told } = openNews();
  await follow({ daily: { at: '08:00', locale: 'id' }, weekly: { at: '09:30', day: 'sun' }, alerts: true });
  expect(jobs.get('daily')).toEqual(new Date('2026-11-28T01:00:00Z'));
  expect(jobs.get('weekly')).toEqual(new Date('2026-11-29T02:30:00Z'));
  await ring('daily');
  expect(await told()).toEqual([]);
  nowMs = Date.parse('2026-11-28T01:00:02Z');
  // Another process reads the settings while the report is due: it stays due.
  await news.follow(await tenant());
  expect(jobs.get('daily')).toEqual(new Date('2026-11-28T01:00:00Z'));
  await ring('daily');
  await ring('daily');
  expect(await told()).toHaveLength(1);
  expect((await told())[0]).toContain('Laporan Jumat, 27 November 2026');
  expect(jobs.get('daily')).toEqual(new Date('2026-11-29T01:00:00Z'));
  await follow({});
  nowMs = Date.parse('2026-11-29T01:00:02Z');
  await ring('daily');
  expect(await told()).toHaveLength(1);
});

it('alerts staff to unusual AI costs and failed calls once a day each', async () => {
  const day = '2026-12-04';
  const ordinary = { calls: 60, failedCalls: 1, costMicros: 150_000 };
  let today = ordinary;
  const { follow, ring, told } = openNews({
    report(_scope, { from, to, groupBy }) {
      const spent = from === day && to === day && groupBy === 'day' ? today : ordinary;
      return Promise.resolve([{ ...NOTHING_USED, ...spent, key: from }]);
    },
  });
  const news = async (): Promise<string[]> => (await told()).filter((text) => text.includes('not as usual'));
  await writes(20, `${day}T02:00:00Z`, 0);
  nowMs = Date.parse(`${day}T02:59:00Z`);
  await follow({ alerts: true });
  const at = async (time: string, used: Partial<typeof ordinary>): Promise<void> => {
    today = { ...ordinary, ...used };
    nowMs = Date.parse(`${day}T${time}Z`);
    await ring('alerts');
    await ring('alerts');
  };
  await at('03:00:01', { costMicros: 290_000 });
  expect(await news()).toEqual([]);
  await at('05:00:01', { costMicros: 310_000 });
  expect(await news()).toEqual([
    'Something is not as usual today:\n⚠️ Cost of AI: USD 0.31, usually USD 0.15',
  ]);
  await at('07:00:01', { costMicros: 900_000, failedCalls: 12 });
  await at('09:00:01', { costMicros: 990_000, failedCalls: 20 });
  expect((await news()).toSorted()).toEqual([
    'Something is not as usual today:\n⚠️ Cost of AI: USD 0.31, usually USD 0.15',
    'Something is not as usual today:\n⚠️ Failed calls of AI: 12, usually 1',
  ]);
});
