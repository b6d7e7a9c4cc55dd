import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import type { Job, JobQueue } from '../../src/contracts/queue.js';
import type { Tool } from '../../src/contracts/tool.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { actionStore, ActionsService, createToolbox, createToolRegistry } from '../../src/tools/index.js';
import { i18n, openShop, type Shop } from '../commands/open-shop.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { toolContext } from './tool-context.js';

let shop: Shop;
let runs = 0;
let messages: string[] = [];
let turns = 0;
let notes: unknown[] = [];
let isStaff = true;
let now = (): Date => new Date();

beforeAll(async () => {
  shop = await openShop();
});
beforeEach(() => {
  runs = 0;
  messages = [];
  notes = [];
  isStaff = true;
  now = () => new Date();
});
afterAll(() => shop.close());

const ring: Tool = {
  name: 'ring_bell',
  description: 'Rings the bell.',
  inputSchema: z.strictObject({}),
  effect: 'write',
  permission: 'staff',
  run: () => Promise.resolve({ rung: (runs += 1) }),
};

const actions = new ActionsService({
  toolbox: createToolbox(createToolRegistry([ring])),
  // Queued jobs are run by the test.
  queue: { enqueue: () => Promise.resolve('job') } as unknown as JobQueue,
  outreach: {
    findByKey: () => Promise.resolve(undefined),
    say(_scope, _conversation, _key, content) {
      messages.push(typeof content === 'string' ? content : content.text);
      return Promise.resolve(undefined);
    },
  },
  staffConversations: async () => [(await shop.person('boss')).conversation],
  isStaff: () => Promise.resolve(isStaff),
  audit: { note: (_scope, entry) => Promise.resolve(void notes.push(entry)) },
  i18n,
  clock: { ...systemClock, now: () => now() },
  logger: silentLogger,
});

async function confirmed(stage: 'asked' | 'confirmed' = 'confirmed') {
  const scope = await shop.scope();
  const { contact, conversation } = await shop.person('siti');
  const signal = new AbortController().signal;
  const context = {
    scope,
    contactId: contact.id,
    conversationId: conversation.id,
    turnId: `t_${(turns += 1)}`,
    isStaff: true,
    locale: 'en',
    now: new Date(),
    signal,
  } as const;
  const { id } = await actions.ask(ring, { name: ring.name, arguments: {} }, 'person', context);
  if (stage === 'confirmed') await actions.decide(scope, id, 'confirm', { type: 'api' });
  const [job] = actions.jobs() as [Job];
  const store = scope.store(actionStore);
  const runJob = () =>
    job.run(scope, { actionId: id }, { signal, attempt: 1, progress: () => Promise.resolve() });
  return { id, store, runJob };
}

it('a confirmation shows every argument, however long, even if the tool describes none', async () => {
  const { contact, conversation } = await shop.person('siti');
  const where = { scope: await shop.scope(), contactId: contact.id, conversationId: conversation.id };
  const context = { ...toolContext(), ...where, turnId: `t_${(turns += 1)}` };
  const wish = { note: `${'soft and slow, '.repeat(100)}then LOUD`, times: 3, to: { all: true } };
  const loose: Tool = { ...ring, inputSchema: z.looseObject({}) };
  const { summary } = await actions.ask(loose, { name: ring.name, arguments: wish }, 'person', context);
  expect(summary.split('\n')).toEqual([
    'ring_bell',
    `- note: ${wish.note}`,
    '- times: 3',
    '- to: {"all":true}',
  ]);
});

it('an action whose process died while it ran is not run again, and the person is told', async () => {
  const { id, store, runJob } = await confirmed();
  await store.begin(id, new Date());
  await runJob();
  await runJob();
  expect(runs).toBe(0);
  expect(await store.get(id)).toMatchObject({ status: 'failed', error: { code: 'unknown' } });
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain('do not know whether it was done');
});

it('an action whose process died before it started is run once', async () => {
  const { id, store, runJob } = await confirmed();
  await runJob();
  await runJob();
  expect(runs).toBe(1);
  expect(await store.get(id)).toMatchObject({ status: 'done', result: { rung: 1 } });
  expect(messages).toHaveLength(1);
});

it('an action of a person who has lost the right to it is not run', async () => {
  const { id, store, runJob } = await confirmed();
  isStaff = false;
  await runJob();
  expect(runs).toBe(0);
  expect(await store.get(id)).toMatchObject({ status: 'failed', error: { code: 'not-allowed' } });
});

it('an action that nobody decided in time is not run, and its expiry is reported', async () => {
  const { id, store, runJob } = await confirmed('asked');
  now = () => new Date(Date.now() + 3_600_000);
  const scope = await shop.scope();
  const late = await actions.decide(scope, id, 'confirm', { type: 'api' });
  expect(late).toMatchObject({ type: 'too-late', action: { status: 'expired' } });
  await runJob();
  await runJob();
  expect(runs).toBe(0);
  expect(await store.get(id)).toMatchObject({ status: 'expired' });
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain('nobody agreed in time');
});

it('an action for staff is presented to them, and only they can confirm it', async () => {
  const scope = await shop.scope();
  const [siti, boss] = [await shop.person('siti'), await shop.person('boss')];
  const context = {
    scope,
    contactId: siti.contact.id,
    conversationId: siti.conversation.id,
    turnId: `t_${(turns += 1)}`,
    isStaff: false,
    locale: 'en',
    now: new Date(),
    signal: new AbortController().signal,
  } as const;
  const { id } = await actions.ask(ring, { name: ring.name, arguments: {} }, 'staff', context);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain('siti asks for something that needs your decision');
  const as = ({ contact, conversation }: typeof siti, staff: boolean) =>
    actions.decide(scope, id, 'confirm', {
      type: 'person',
      contactId: contact.id,
      conversationId: conversation.id,
      isStaff: staff,
    });
  expect(await as(siti, false)).toEqual({ type: 'not-yours' });
  expect(await as(boss, false)).toEqual({ type: 'not-yours' });
  expect(await as(boss, true)).toMatchObject({ type: 'decided', isNew: true });
  expect(await as(boss, true)).toMatchObject({ type: 'decided', isNew: false });
  // The person who decided is recorded, once; those who only tried are not.
  expect(notes).toEqual([
    { actor: { type: 'staff', id: boss.contact.id }, action: 'actions.confirm', target: id },
  ]);
});
