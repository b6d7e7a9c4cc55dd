import type { UnansweredService } from '../../src/contracts/knowledge.js';
import { noEvents } from '../fakes/no-events.js';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HandOver } from '../../src/contracts/hand-over.js';
import type { Job } from '../../src/contracts/queue.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { Conversation, TenantScope } from '../../src/contracts/stores.js';
import { createOutreach } from '../../src/delivery/index.js';
import { createI18n } from '../../src/i18n/create-i18n.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { createHandOver, handOverJobs } from '../../src/people/index.js';
import { answerOf, turn } from '../contracts/stores/under-test.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

const MINUTE_MS = 60_000;

let store: TestStore;
let scope: TenantScope;
let handOver: HandOver;
let jobs: readonly Job[];
const clock = new ManualClock();

beforeAll(async () => {
  store = await openTestStore({ clock });
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Toko' }));
  const opened = await store.service.scope('shop');
  if (opened === undefined) throw new Error('no scope');
  scope = opened;
  const lanes = store.service.lanes;
  const deps = {
    clock,
    service: store.service,
    i18n: createI18n({ folder: join(projectRoot, 'locales') }),
    findAccount: () => undefined,
    outreach: createOutreach({ lanes, findAccount: () => undefined, wake: () => undefined, clock }),
    queue: {
      enqueue: () => Promise.resolve('job'),
      cancel: () => Promise.resolve(true),
      repeat: () => Promise.reject(new Error('not expected')),
      find: () => Promise.resolve(undefined),
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    },
  };
  handOver = createHandOver({ ...deps, rewrite: () => Promise.resolve('cannot') });
  const unanswered = {
    record: (to: TenantScope, question: Parameters<UnansweredService['record']>[1]) =>
      to.unanswered.record({ ...question, at: clock.now() }),
  };
  jobs = handOverJobs({ ...deps, handOver, events: noEvents, unanswered });
});
afterAll(() => store.close());

async function asks(id: string): Promise<Conversation> {
  const contact = await scope.contacts.ensure({
    channel: 'telegram',
    accountId: 'bot',
    userId: id,
    name: id,
    at: clock.now(),
  });
  const conversation = await scope.conversations.ensure({
    id,
    accountId: 'bot',
    channel: 'telegram',
    contactId: contact.id,
    chat: { chatId: id, kind: 'direct' },
    title: 'hello',
    at: clock.now(),
  });
  await scope.turns.commit(
    turn(`${id}-asked`, [`${id}:1`], {
      conversationId: id,
      input: 'Is my parcel on its way?',
      answer: answerOf('Sorry.'),
      createdAt: clock.now(),
    }),
  );
  await handOver.ask(scope, conversation, `${id}:2`, 'asked');
  return conversation;
}

async function timerRings(id: string): Promise<void> {
  const run = { signal: new AbortController().signal, attempt: 1, progress: () => Promise.resolve() };
  await jobs.find(({ type }) => type.name === 'people.return')?.run(scope, { conversationId: id }, run);
}

const modeOf = async (id: string) => (await scope.conversations.get(id))?.mode;
const saidIn = async (id: string) =>
  (await scope.turns.recent(id, 20)).map(({ answer }) => answer.text).filter((text) => text !== 'Sorry.');

it('says after a while that nobody was free, records the question, and answers again', async () => {
  await asks('ani');
  clock.advance(14 * MINUTE_MS);
  await timerRings('ani');
  expect(await modeOf('ani')).toBe('human');
  clock.advance(2 * MINUTE_MS);
  await timerRings('ani');
  await timerRings('ani');
  expect(await modeOf('ani')).toBe('bot');
  const messages = await saidIn('ani');
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain('nobody from our team was free');
  const { items } = await scope.unanswered.list({ limit: 10 });
  expect(items.map(({ question }) => question)).toContain('Is my parcel on its way?');
});

it('waits longer after the last message of staff, then says that the assistant is back', async () => {
  const conversation = await asks('budi');
  await handOver.take(scope, conversation);
  clock.advance(10 * MINUTE_MS);
  await scope.turns.commit(
    turn('budi-staff', ['say:1'], {
      conversationId: 'budi',
      origin: { type: 'staff' },
      answer: answerOf('It left today.', { source: 'human' }),
      createdAt: clock.now(),
    }),
  );
  // A later message of the person does not shorten the wait.
  await scope.turns.commit(
    turn('budi-thanks', ['budi:3'], {
      conversationId: 'budi',
      answer: answerOf('', { source: 'human' }),
      createdAt: new Date(clock.now().getTime() + 1_000),
    }),
  );
  await scope.conversations.settle('budi', { last: { role: 'user', text: 'Thanks', at: clock.now() } });
  clock.advance(30 * MINUTE_MS);
  await timerRings('budi');
  expect(await modeOf('budi')).toBe('human');
  clock.advance(31 * MINUTE_MS);
  await timerRings('budi');
  expect(await modeOf('budi')).toBe('bot');
  expect((await saidIn('budi')).at(-1)).toBe('The assistant is back. What can I do for you?');
});
