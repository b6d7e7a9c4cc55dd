import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FollowUp } from '../../src/automation/follow-up.js';
import { Killed, openFollowUpDesk, type FollowUpDesk, type Kill } from './follow-up-desk.js';

const DAY_MS = 86_400_000;

let desk: FollowUpDesk;
beforeAll(async () => {
  desk = await openFollowUpDesk();
}, 60_000);
afterAll(() => desk.close());

const THREE = [
  { after: '0 days', afterMs: 0, message: 'Thank you.' },
  { after: 'P1D', afterMs: DAY_MS, message: 'How is it?' },
  { after: 'P2D', afterMs: 2 * DAY_MS, message: 'More of it?' },
];
const sequence = { cancelOnReply: true, respectHours: false, stopTags: ['bought'], steps: THREE };

async function put(name: string, change: Partial<typeof sequence> = {}): Promise<void> {
  await desk.process(({ sequences, scope }) => sequences.put(scope, { name, ...sequence, ...change }));
}

async function enrol(name: string, contactId: string, kill?: Kill): Promise<readonly FollowUp[] | Killed> {
  const enrolled = await desk.process(
    ({ sequences, scope }) => sequences.enrol(scope, name, contactId),
    kill,
  );
  if (enrolled instanceof Killed) return enrolled;
  return enrolled?.followUps ?? [];
}

async function runs(days: number): Promise<void> {
  desk.clock.advance(days * DAY_MS);
  await desk.runDue();
}

it('a sequence sends its steps one after the other, each at its interval', async () => {
  await put('care');
  const { contact, conversation } = await desk.person('ani');
  const followUps = await enrol('care', contact.id);
  if (followUps instanceof Killed) throw followUps;
  const start = desk.clock.now().getTime();
  expect(followUps.map(({ nextRunAt }) => nextRunAt?.getTime())).toEqual(
    [0, 1, 3].map((day) => start + day * DAY_MS),
  );
  await runs(0);
  await runs(1);
  expect(await desk.sentTo(conversation.id)).toEqual(['Thank you.', 'How is it?']);
  await runs(2);
  expect(await desk.sentTo(conversation.id)).toEqual(['Thank you.', 'How is it?', 'More of it?']);
});

it('a sequence never enrols a person twice at a time, and starts again for those who finished it', async () => {
  await put('again');
  const { contact, conversation } = await desk.person('budi');
  const first = await enrol('again', contact.id);
  const [same, other] = await Promise.all([enrol('again', contact.id), enrol('again', contact.id)]);
  if (first instanceof Killed || same instanceof Killed || other instanceof Killed) throw new Error('no');
  expect(same.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  expect(other.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  for (const days of [0, 1, 2]) await runs(days);
  expect(await desk.sentTo(conversation.id)).toHaveLength(3);
  const next = await enrol('again', contact.id);
  if (next instanceof Killed) throw next;
  expect(next.map(({ status }) => status)).toEqual(['pending', 'pending', 'pending']);
});

it('a sequence continues where a killed process left it when enrolment is repeated', async () => {
  await put('killed', { steps: THREE.slice(0, 2) });
  for (let atStep = 1; atStep <= 14; atStep += 1) {
    const { contact, conversation } = await desk.person(`killed-${atStep}`);
    await enrol('killed', contact.id, { atStep, when: atStep % 2 === 0 ? 'before' : 'after' });
    await enrol('killed', contact.id);
    await runs(0);
    await runs(1);
    expect(await desk.sentTo(conversation.id), `step ${atStep}`).toEqual(['Thank you.', 'How is it?']);
  }
}, 60_000);

it('a sequence ends with a reply, with a tag, or when it is deleted', async () => {
  await put('ends');
  const [answers, tagged, left] = [await desk.person('a'), await desk.person('b'), await desk.person('c')];
  for (const { contact } of [answers, tagged, left]) await enrol('ends', contact.id);
  await runs(0);
  desk.clock.advance(1000);
  await desk.writes(answers.conversation.id, 'Fine, thanks');
  await (await desk.tenant()).contacts.update(tagged.contact.id, { tags: ['bought'] });
  const states = async (id: string): Promise<unknown[]> => {
    const followUps = await enrol('ends', id);
    return followUps instanceof Killed ? [] : followUps.map(({ status, reason }) => reason ?? status);
  };
  await runs(1);
  expect(await desk.sentTo(answers.conversation.id)).toEqual(['Thank you.']);
  expect(await desk.sentTo(tagged.conversation.id)).toEqual(['Thank you.']);
  expect(await desk.sentTo(left.conversation.id)).toEqual(['Thank you.', 'How is it?']);
  expect(await states(left.contact.id)).toEqual(['sent', 'sent', 'pending']);
  await desk.process(async ({ scope }) => {
    const { sequenceStore } = await import('../../src/automation/sequence-store.js');
    await scope.store(sequenceStore).remove('ends');
  });
  await put('ends');
  await runs(2);
  expect(await desk.sentTo(left.conversation.id)).toEqual(['Thank you.', 'How is it?']);
});

it('a changed sequence continues unchanged for people already in it', async () => {
  await put('changed');
  const { contact, conversation } = await desk.person('d');
  await enrol('changed', contact.id);
  await put('changed', { steps: [{ after: 'P1D', afterMs: DAY_MS, message: 'Quite different.' }] });
  for (const days of [0, 1, 2]) await runs(days);
  expect(await desk.sentTo(conversation.id)).toEqual(['Thank you.', 'How is it?', 'More of it?']);
});

it('a sequence keeps the intervals between its steps after one had to wait', async () => {
  await put('late', {
    steps: THREE.slice(0, 2).map((step, index) => ({ ...step, afterMs: index * 3_600_000 })),
  });
  const { contact, conversation } = await desk.person('e');
  await enrol('late', contact.id);
  // No process ran for two hours, so both steps are due.
  desk.clock.advance(2 * 3_600_000);
  await desk.runDue();
  await desk.runDue();
  expect(await desk.sentTo(conversation.id)).toEqual(['Thank you.']);
  desk.clock.advance(3_600_000);
  await desk.runDue();
  expect(await desk.sentTo(conversation.id)).toEqual(['Thank you.', 'How is it?']);
});
