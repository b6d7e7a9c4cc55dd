import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Contact, TenantScope } from '../../../src/contracts/stores.js';
import { followUpStore } from '../../../src/automation/follow-up-store.js';
import { settingsFor, turn } from '../../contracts/stores/under-test.js';
import { databaseText } from '../../fakes/database-text.js';
import { openTestStore, type TestStore } from '../../fakes/test-store.js';
import { doWork, type Work } from './piece-of-work.js';
import { startSecondProcess, type SecondProcess, type StoppedWork } from './start-second-process.js';

const TENANT = 'shop';
/** More writes than any operation makes, so each ends before. */
const MOST_STEPS = 60;
const AT = new Date('2026-11-28T07:30:00Z');

let store: TestStore;
let scope: TenantScope;
beforeAll(async () => {
  store = await openTestStore();
  await store.service.putTenant(TENANT, settingsFor('Toko'));
  const opened = await store.service.scope(TENANT);
  if (opened === undefined) throw new Error('no scope');
  scope = opened;
}, 60_000);
afterAll(() => store.close());

/** Two people, and a table of others, that no other step uses. */
interface Subject {
  readonly mark: string;
  readonly one: Contact;
  readonly two: Contact;
}

let subjects = 0;

async function makeSubject(): Promise<Subject> {
  subjects += 1;
  const mark = `mark${10_000 + subjects}`;
  const one = await scope.contacts.create(
    { name: `One ${mark}`, phone: `+62813${String(1_000_000 + subjects)}`, tags: ['first'] },
    AT,
  );
  const identity = { channel: 'telegram', accountId: 'bot', userId: mark };
  const two = await scope.contacts.ensure({ ...identity, at: AT });
  await scope.contacts.update(two.id, { email: `${mark}@example.com`, tags: ['second'] });
  for (const { id } of [one, two]) {
    await scope.contacts.addNote({ contactId: id, text: `note ${mark}`, direction: 'note', at: AT });
  }
  const conversation = await scope.conversations.ensure({
    id: `c_${mark}`,
    accountId: 'bot',
    channel: 'telegram',
    contactId: two.id,
    chat: { chatId: mark, kind: 'direct' },
    title: mark,
    at: AT,
  });
  await scope.turns.commit(
    turn(`t_${mark}`, [`e_${mark}`], { conversationId: conversation.id, contactId: two.id, input: mark }),
  );
  await scope.store(followUpStore).insert({
    id: `followup_${mark}`,
    contactId: two.id,
    conversationId: conversation.id,
    channel: 'telegram',
    message: mark,
    status: 'pending',
    nextRunAt: AT,
    timezone: 'UTC',
    cancelOnReply: true,
    respectHours: false,
    runs: 0,
    attempts: 0,
    createdAt: AT,
  });
  return { mark, one, two };
}

interface Scenario {
  readonly first: (subject: Subject) => Work;
  readonly second: (subject: Subject) => Work;
  /** Runs at the end, with whichever person is left. */
  readonly atEnd?: (subject: Subject) => Promise<void>;
  /** Checks the state once both have ended, or once the killed operation was requested again. */
  readonly isWhole: (subject: Subject, where: string, database: string) => void | Promise<void>;
}

const mergeInto = ({ one, two }: Subject): Work => ({ type: 'merge', id: one.id, otherId: two.id });
const mergeBack = ({ one, two }: Subject): Work => ({ type: 'merge', id: two.id, otherId: one.id });
const erase = ({ two }: Subject): Work => ({ type: 'erase', id: two.id });
const table = ({ mark }: Subject): Work => {
  const rows = [0, 1, 2, 3, 0].map((n) => `Row ${mark} ${n},${mark}.${n}@example.com\n`);
  return { type: 'import', csv: `name,email\n${rows.join('')}` };
};

async function isOnePerson({ mark, one, two }: Subject, where: string): Promise<void> {
  const people = await Promise.all([one, two].map(({ id }) => scope.contacts.get(id)));
  const [person] = people;
  if (person === undefined) throw new Error(`nobody is left, ${where}`);
  expect(people[1]?.id, where).toBe(person.id);
  expect(person, where).toMatchObject({
    name: `One ${mark}`,
    phone: one.phone,
    email: `${mark}@example.com`,
  });
  expect(new Set(person.tags), where).toEqual(new Set(['first', 'second']));
  expect(person.identities, where).toHaveLength(1);
  const { items } = await scope.contacts.notes(person, { limit: 10 });
  expect(items, where).toHaveLength(2);
  const conversations = await scope.conversations.directOf(person);
  expect(conversations, where).toMatchObject([{ id: `c_${mark}` }]);
  const followUps = await scope
    .store(followUpStore)
    .list({ contactIds: [person.id, ...person.formerIds] }, { limit: 10 });
  expect(followUps.items, where).toHaveLength(1);
}

/** Nothing is left of the second person; the first one, with a note, still exists. */
function isForgotten({ mark }: Subject, where: string, database: string): void {
  const traces = tracesOf(mark, database);
  const others = traces.filter((line) => !line.startsWith('contact') || !/One mark|note mark/.test(line));
  expect(others, where).toEqual([]);
  expect(
    traces.filter((line) => line.includes(`note ${mark}`)),
    where,
  ).toHaveLength(1);
}

function areForgotten({ mark }: Subject, where: string, database: string): void {
  expect(tracesOf(mark, database), where).toEqual([]);
}

function tracesOf(mark: string, database: string): readonly string[] {
  return database.split('\n').filter((line) => line.includes(mark));
}

async function isThereOnce({ mark }: Subject, where: string): Promise<void> {
  const { items } = await scope.contacts.list({ query: `Row ${mark}` }, { limit: 50 });
  const names = items.map(({ name }) => name).toSorted();
  expect(names, where).toEqual([0, 1, 2, 3].map((n) => `Row ${mark} ${n}`));
}

/** A concurrent merge and erasure leave one person or none; whoever is left can be erased completely. */
async function eraseBoth({ one, two }: Subject): Promise<void> {
  for (const { id } of [one, two]) await doWork(scope, { type: 'erase', id });
  await scope.contacts.eraseTraces([one.id, two.id]);
}

const scenarios: readonly (readonly [name: string, scenario: Scenario])[] = [
  ['merge the same two people', { first: mergeInto, second: mergeInto, isWhole: isOnePerson }],
  [
    'merge the same two people in opposite directions',
    { first: mergeInto, second: mergeBack, isWhole: isOnePerson },
  ],
  ['erase the same person', { first: erase, second: erase, isWhole: isForgotten }],
  ['import the same table', { first: table, second: table, isWhole: isThereOnce }],
  ['merge and erase', { first: mergeInto, second: erase, atEnd: eraseBoth, isWhole: areForgotten }],
  ['erase and merge', { first: erase, second: mergeInto, atEnd: eraseBoth, isWhole: areForgotten }],
];

type Ended = readonly [subject: Subject, where: string];

/** Has the process stop before each of its writes, each time with different people. */
async function stopAtEach(
  process: SecondProcess,
  work: (subject: Subject) => Work,
  meanwhile: (subject: Subject, stopped: StoppedWork) => Promise<void>,
): Promise<readonly Subject[]> {
  const stoppedWith: Subject[] = [];
  for (let step = 1; step < MOST_STEPS; step += 1) {
    const subject = await makeSubject();
    const stopped = await process.begin(work(subject), step);
    if (stopped === undefined) return stoppedWith;
    await meanwhile(subject, stopped);
    stoppedWith.push(subject);
  }
  throw new Error('there are more steps than were expected');
}

/** Each pair of people, and how the first process's work on them ended. */
async function everyEnd({ first, second }: Scenario): Promise<readonly Ended[]> {
  const process = await startSecondProcess(store, TENANT);
  try {
    const overtaken = await stopAtEach(process, first, async (subject, stopped) => {
      await doWork(scope, second(subject));
      await stopped.goOn();
    });
    const killedAfter = await stopAtEach(process, first, (subject) => doWork(scope, second(subject)));
    const killedBefore = await stopAtEach(process, first, () => Promise.resolve());
    await process.kill();
    for (const subject of killedBefore) await doWork(scope, second(subject));
    // After a kill, the caller requests the same operation again.
    for (const subject of [...killedAfter, ...killedBefore]) await doWork(scope, first(subject));
    return Object.entries({ overtaken, killedAfter, killedBefore }).flatMap(([how, stopped]) =>
      stopped.map((subject, index) => [subject, `${how}, at step ${index + 1}`] as const),
    );
  } finally {
    await process.kill();
  }
}

it.each(scenarios)(
  'two processes that %s leave it whole, wherever one of them is overtaken or killed',
  async (_name, scenario) => {
    const ends = await everyEnd(scenario);
    expect(ends.length).toBeGreaterThan(3);
    for (const [subject] of ends) await scenario.atEnd?.(subject);
    const database = await databaseText(store.connection);
    for (const [subject, where] of ends) await scenario.isWhole(subject, where, database);
  },
  300_000,
);
