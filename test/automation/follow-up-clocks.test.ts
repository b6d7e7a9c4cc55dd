import { afterAll, beforeAll, expect, it } from 'vitest';
import { Killed, openFollowUpDesk, type FollowUpDesk } from './follow-up-desk.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** More steps than it takes to send one. */
const MOST_STEPS = 16;

let desk: FollowUpDesk;
beforeAll(async () => {
  desk = await openFollowUpDesk();
}, 60_000);
afterAll(() => desk.close());

async function schedule(name: string, message: string, time: { cron: string; timezone: string }) {
  const { contact, conversation } = await desk.person(name);
  const followUp = await desk.process(({ followUps, scope }) =>
    followUps.schedule(scope, {
      contact,
      conversation,
      message,
      ...time,
      cancelOnReply: true,
      respectHours: false,
    }),
  );
  if (followUp instanceof Killed) throw new Error('not expected');
  return { conversationId: conversation.id, cancel: () => cancel(followUp.id) };
}

const cancel = (id: string) => desk.process(({ followUps, scope }) => followUps.cancel(scope, id));

it('a recurring follow-up comes once for each time even if the clock is set back at any step', async () => {
  for (let atStep = 1; atStep <= MOST_STEPS; atStep += 1) {
    const tenMinutes = 10 * MINUTE_MS;
    desk.clock.advance(tenMinutes - (desk.clock.now().getTime() % tenMinutes));
    const time = { cron: '*/10 * * * *', timezone: 'UTC' };
    const { conversationId, cancel: end } = await schedule(`back-${atStep}`, 'Again.', time);
    desk.clock.advance(tenMinutes);
    let putBackMs = 0;
    const meanwhile = (): Promise<void> => {
      putBackMs = 3 * MINUTE_MS;
      desk.clock.advance(-putBackMs);
      return Promise.resolve();
    };
    await desk.runDue({ atStep, when: 'before', meanwhile });
    desk.clock.advance(putBackMs);
    await desk.runDue();
    const where = `put back at step ${atStep}`;
    expect(await desk.sentTo(conversationId), where).toEqual(['Again.']);
    desk.clock.advance(tenMinutes);
    await desk.runDue();
    expect(await desk.sentTo(conversationId), where).toEqual(['Again.', 'Again.']);
    await end();
  }
});

it('a daily follow-up comes once a day at its local time across clock changes in any zone', async () => {
  const changes = [
    { timezone: 'Europe/Berlin', cron: '30 2 * * *', change: '2027-03-28', at: ['02:30', '03:30'] },
    { timezone: 'Australia/Lord_Howe', cron: '45 1 * * *', change: '2027-04-04', at: ['01:45'] },
    { timezone: 'America/Santiago', cron: '15 0 * * *', change: '2027-09-05', at: ['00:15', '01:15'] },
    { timezone: 'America/New_York', cron: '30 1 * * *', change: '2027-11-07', at: ['01:30'] },
    { timezone: 'Asia/Jakarta', cron: '0 9 * * *', change: '2027-11-20', at: ['09:00'] },
  ];
  for (const { timezone, cron, change, at } of changes) {
    const start = Date.parse(`${change}T00:00:00Z`) - 2 * DAY_MS;
    desk.clock.advance(start - desk.clock.now().getTime());
    const { conversationId, cancel: end } = await schedule(timezone, 'Good morning.', { timezone, cron });
    for (let passed = 0; passed < 4 * DAY_MS; passed += 15 * MINUTE_MS) {
      await desk.runDue();
      desk.clock.advance(15 * MINUTE_MS);
    }
    const moments = await desk.sentAt(conversationId);
    const local = moments.map((moment) => localTime(moment, timezone));
    const days = local.map(({ date }) => date);
    expect(new Set(days).size, `${timezone}: ${days.join()}`).toBe(days.length);
    expect(days, timezone).toContain(change);
    expect(days.length, timezone).toBe(4);
    expect(new Set(local.map(({ time }) => time)), timezone).toEqual(new Set(at));
    await end();
  }
});

function localTime(moment: Date, timeZone: string): { readonly date: string; readonly time: string } {
  const [date = '', time = ''] = new Intl.DateTimeFormat('sv', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
    .format(moment)
    .split(' ');
  return { date, time };
}
