import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPromiseKeeper } from '../../src/automation/promise-keeper.js';
import { followUpStore } from '../../src/automation/follow-up-store.js';
import type { PromiseKeeper } from '../../src/contracts/promises.js';
import type { Contact, Conversation } from '../../src/contracts/stores.js';
import { createI18n } from '../../src/i18n/create-i18n.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { turn } from '../contracts/stores/under-test.js';
import { Killed, openFollowUpDesk, type FollowUpDesk, type Kill } from './follow-up-desk.js';

const HOUR_MS = 3_600_000;
const i18n = createI18n({ folder: join(projectRoot, 'locales') });

let desk: FollowUpDesk;
let boss: { contact: Contact; conversation: Conversation };
beforeAll(async () => {
  desk = await openFollowUpDesk();
  boss = await desk.person('boss');
}, 60_000);
afterAll(() => desk.close());

const promiseOf = (key: string) => ({
  key,
  question: 'Do you have it in red?',
  promise: 'We will let you know.',
  dueAt: new Date(desk.clock.now().getTime() + HOUR_MS),
});

function keep(conversation: Conversation, key: string, staff = [boss], kill?: Kill) {
  return desk.process(({ followUps, scope, outreach }) => {
    const keeper: PromiseKeeper = createPromiseKeeper({
      followUps,
      outreach,
      i18n,
      clock: desk.clock,
      staffChats: () => Promise.resolve(staff),
    });
    return keeper.keep(scope, conversation, promiseOf(key));
  }, kill);
}

/** How often staff were notified immediately, and how often they were reminded. */
async function told(): Promise<{ readonly now: number; readonly later: number }> {
  const turns = await (await desk.tenant()).turns.recent(boss.conversation.id, 100);
  const of = (type: string): number => turns.filter(({ origin }) => origin.type === type).length;
  return { now: of('outreach'), later: of('job') };
}

it('a promise is reported to staff at once, and again when due if nobody has written', async () => {
  const { conversation } = await desk.person('ani');
  expect(await keep(conversation, 'e1')).toEqual({ notified: 1 });
  const { now, later } = await told();
  expect([now, later]).toEqual([1, 0]);
  expect((await (await desk.tenant()).conversations.get(conversation.id))?.waitingSince).toBeDefined();
  desk.clock.advance(HOUR_MS + 1000);
  await desk.runDue();
  expect((await told()).later).toBe(1);
  const { items } = await (await desk.tenant()).store(followUpStore).list({}, { limit: 10 });
  expect(items[0]).toMatchObject({ status: 'sent', promise: { conversationId: conversation.id } });
});

it('a promise is settled once somebody from the business has written', async () => {
  const { conversation } = await desk.person('budi');
  const before = await told();
  await keep(conversation, 'e2');
  desk.clock.advance(1000);
  await (
    await desk.tenant()
  ).turns.commit(
    turn('t-staff', ['say:staff'], {
      conversationId: conversation.id,
      origin: { type: 'staff' },
      createdAt: desk.clock.now(),
    }),
  );
  desk.clock.advance(HOUR_MS);
  await desk.runDue();
  expect(await told()).toEqual({ now: before.now + 1, later: before.later });
});

it('a promise is reported once wherever the process was killed, and to nobody if nobody is there', async () => {
  const { conversation } = await desk.person('citra');
  expect(await keep(conversation, 'e3', [])).toEqual({ notified: 0 });
  for (let atStep = 1; atStep <= 6; atStep += 1) {
    const before = await told();
    await keep(conversation, `kill-${atStep}`, [boss], { atStep, when: 'after' });
    expect(await keep(conversation, `kill-${atStep}`)).not.toBeInstanceOf(Killed);
    desk.clock.advance(HOUR_MS + 1000);
    await desk.runDue();
    expect(await told(), `step ${atStep}`).toEqual({ now: before.now + 1, later: before.later + 1 });
  }
});
