import { afterAll, beforeAll, expect, it } from 'vitest';
import { Killed, openFollowUpDesk, type FollowUpDesk } from './follow-up-desk.js';

const MINUTE_MS = 60_000;
/** More steps than a follow-up has, so that the last rounds are not killed. */
const MOST_STEPS = 16;
const kills = Array.from({ length: MOST_STEPS }, (_, index) => index + 1).flatMap((atStep) =>
  (['before', 'after'] as const).map((when) => ({ atStep, when })),
);

let desk: FollowUpDesk;
beforeAll(async () => {
  desk = await openFollowUpDesk();
}, 60_000);
afterAll(() => desk.close());

const plain = { timezone: 'UTC', cancelOnReply: true, respectHours: false } as const;

it('a follow-up is sent once wherever its process is killed while it is due', async () => {
  let killed = 0;
  for (const kill of kills) {
    const person = await desk.person(`due-${kill.when}-${kill.atStep}`);
    const at = new Date(desk.clock.now().getTime() + MINUTE_MS);
    const followUp = await desk.process(({ followUps, scope }) =>
      followUps.schedule(scope, { ...person, ...plain, message: 'Once.', at }),
    );
    if (followUp instanceof Killed) throw new Error('not expected');
    desk.clock.advance(2 * MINUTE_MS);
    if (await desk.runDue(kill)) killed += 1;
    await desk.runDue();
    await desk.runDue();
    const where = `${kill.when} step ${kill.atStep}`;
    expect(await desk.sentTo(person.conversation.id), where).toEqual(['Once.']);
    expect(await desk.followUp(followUp.id), where).toMatchObject({ status: 'sent', runs: 1 });
  }
  expect(killed).toBeGreaterThan(10);
}, 300_000);

it('a follow-up always has a job, wherever its process is killed while it is created', async () => {
  for (const kill of kills.slice(0, 10)) {
    const person = await desk.person(`made-${kill.when}-${kill.atStep}`);
    const at = new Date(desk.clock.now().getTime() + 5 * MINUTE_MS);
    const id = `followup_${kill.when}_${kill.atStep}`;
    await desk.process(
      ({ followUps, scope }) => followUps.schedule(scope, { ...person, ...plain, message: 'Made.', at, id }),
      kill,
    );
    desk.clock.advance(MINUTE_MS);
    await desk.runDue();
    expect(await desk.sentTo(person.conversation.id)).toEqual([]);
    desk.clock.advance(10 * MINUTE_MS);
    await desk.runDue();
    const isThere = (await desk.followUp(id)) !== undefined;
    expect(await desk.sentTo(person.conversation.id)).toEqual(isThere ? ['Made.'] : []);
  }
}, 300_000);

it.each([
  ['later', 10 * MINUTE_MS],
  ['to now', 0],
])(
  'a follow-up is still sent if a process that moves it %s is killed while its job runs',
  async (_, ms) => {
    for (const atStep of [1, 2, 3, 4, 5, 6, 7, 8]) {
      for (const when of ['before', 'after'] as const) {
        const person = await desk.person(`moved-${ms}-${when}-${atStep}`);
        const at = new Date(desk.clock.now().getTime() + MINUTE_MS);
        const followUp = await desk.process(({ followUps, scope }) =>
          followUps.schedule(scope, { ...person, ...plain, message: 'Moved.', at }),
        );
        if (followUp instanceof Killed) throw new Error('not expected');
        desk.clock.advance(2 * MINUTE_MS);
        const to = new Date(desk.clock.now().getTime() + ms);
        // The change is written by its third step.
        const meanwhile = () =>
          desk.process(({ followUps, scope }) => followUps.change(scope, followUp.id, { at: to }), {
            atStep: 3,
            when,
          });
        await desk.runDue({ atStep, when: 'before', meanwhile });
        desk.clock.advance(20 * MINUTE_MS);
        await desk.runDue();
        await desk.runDue();
        const where = `job at step ${atStep}, change killed ${when} it is written`;
        expect(await desk.sentTo(person.conversation.id), where).toEqual(['Moved.']);
        expect(await desk.followUp(followUp.id), where).toMatchObject({ status: 'sent', runs: 1 });
      }
    }
  },
  300_000,
);

it('a follow-up recurs once for each time, wherever its process is killed', async () => {
  for (const kill of kills) {
    const person = await desk.person(`cron-${kill.when}-${kill.atStep}`);
    const followUp = await desk.process(({ followUps, scope }) =>
      followUps.schedule(scope, { ...person, ...plain, message: 'Again.', cron: '*/10 * * * *' }),
    );
    if (followUp instanceof Killed) throw new Error('not expected');
    desk.clock.advance(10 * MINUTE_MS);
    await desk.runDue(kill);
    await desk.runDue();
    const where = `${kill.when} step ${kill.atStep}`;
    expect(await desk.sentTo(person.conversation.id), where).toEqual(['Again.']);
    desk.clock.advance(10 * MINUTE_MS);
    await desk.runDue();
    expect(await desk.sentTo(person.conversation.id), where).toEqual(['Again.', 'Again.']);
    await desk.process(({ followUps, scope }) => followUps.cancel(scope, followUp.id));
  }
}, 300_000);

it('a follow-up is sent once by two processes that handle the same job', async () => {
  const person = await desk.person('twice');
  const followUp = await desk.process(({ followUps, scope }) =>
    followUps.schedule(scope, { ...person, ...plain, message: 'One of two.' }),
  );
  if (followUp instanceof Killed) throw new Error('not expected');
  const run = { signal: new AbortController().signal, attempt: 1, progress: () => Promise.resolve() };
  await desk.process(({ followUps, scope }) =>
    Promise.all(
      [1, 2].map(
        () => followUps.jobs()[0]?.run(scope, { followUpId: followUp.id }, run) ?? Promise.resolve(),
      ),
    ),
  );
  expect(await desk.sentTo(person.conversation.id)).toEqual(['One of two.']);
  expect(await desk.followUp(followUp.id)).toMatchObject({ status: 'sent', runs: 1 });
});

it('a follow-up is neither early nor lost when the clock jumps', async () => {
  const person = await desk.person('jumps');
  const now = desk.clock.now().getTime();
  const followUp = await desk.process(({ followUps, scope }) =>
    followUps.schedule(scope, {
      ...person,
      ...plain,
      message: 'At its time.',
      at: new Date(now + 3_600_000),
    }),
  );
  if (followUp instanceof Killed) throw new Error('not expected');
  // The job runs too early, as after the clock was set back.
  desk.waiting.set(followUp.id, new Date(now));
  await desk.runDue();
  expect(await desk.sentTo(person.conversation.id)).toEqual([]);
  expect(desk.waiting.get(followUp.id)).toEqual(followUp.nextRunAt);
  desk.clock.advance(30 * 24 * 3_600_000);
  await desk.runDue();
  expect(await desk.sentTo(person.conversation.id)).toEqual(['At its time.']);
});

it('a follow-up waits through quiet hours and shows when it will be sent', async () => {
  const hour = (ms: number): string => new Date(desk.clock.now().getTime() + ms).toISOString().slice(11, 16);
  await desk.change({ timezone: 'UTC', quiet_hours: { from: hour(-3_600_000), to: hour(3_600_000) } });
  const person = await desk.person('sleeper');
  const [followUp, wanted] = [
    await desk.process(({ followUps, scope }) =>
      followUps.schedule(scope, { ...person, ...plain, message: 'Good morning.' }),
    ),
    await desk.process(({ followUps, scope }) =>
      followUps.schedule(scope, { ...person, ...plain, message: 'As you asked.', wanted: true }),
    ),
  ];
  if (followUp instanceof Killed || wanted instanceof Killed) throw new Error('not expected');
  await desk.runDue();
  expect(await desk.sentTo(person.conversation.id)).toEqual(['As you asked.']);
  const moved = await desk.followUp(followUp.id);
  expect(moved?.status).toBe('pending');
  expect(moved?.nextRunAt?.getTime()).toBeGreaterThan(desk.clock.now().getTime());
  desk.clock.advance(61 * MINUTE_MS);
  await desk.runDue();
  expect(await desk.sentTo(person.conversation.id)).toEqual(['As you asked.', 'Good morning.']);
  await desk.change({});
});
