import type { Db } from 'mongodb';
import { followUpStore, FollowUps } from '../../../src/automation/index.js';
import { createI18n } from '../../../src/i18n/create-i18n.js';
import type { Contact, Conversation, TenantScope } from '../../../src/contracts/stores.js';
import { createOutreach } from '../../../src/delivery/index.js';
import { createJobQueue } from '../../../src/jobs/index.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import { createResponseChannel } from '../../../src/lib/channels/response-channel.js';
import { join } from 'node:path';
import { noEvents } from '../../fakes/no-events.js';
import { interleave } from '../kit/interleave.js';
import { median } from '../kit/statistics.js';
import { printTable } from '../kit/table.js';
import { benchBasics, openBenchStore, type BenchStore } from './bench-store.js';

const WAITING = 100_000;
/** This many are really scheduled; the rest are copies of one, inserted into the store directly. */
const SCHEDULED = 500;
const COPIED_AT_ONCE = 2_500;
const ROUNDS = 5;
const TRIES = 10;
const AHEAD_MS = 300;
const MEGABYTE = 1024 * 1024;
const IN_A_YEAR_MS = 365 * 86_400_000;

interface Desk {
  readonly store: BenchStore;
  readonly database: Db;
  readonly scope: TenantScope;
  readonly followUps: FollowUps;
  readonly person: { readonly contact: Contact; readonly conversation: Conversation };
  /** Resolves with the time at which the job of a follow-up began. */
  picked(id: string): Promise<number>;
  close(): Promise<void>;
}

/** Measures how soon a due follow-up is run, with none waiting and with very many. */
export async function followUpsBench(): Promise<void> {
  const [few, many] = [await openDesk(), await openDesk()];
  try {
    const before = memory();
    const seconds = await scheduleMany(many);
    const filled = memory();
    console.log(
      `${SCHEDULED} follow-ups scheduled in ${seconds.toFixed(1)} s (${Math.round(SCHEDULED / seconds)} a second), ${WAITING} wait; JavaScript memory of the service ${before.heap.toFixed(0)} MB before and ${filled.heap.toFixed(0)} MB after, process with the store ${before.resident.toFixed(0)} and ${filled.resident.toFixed(0)} MB`,
    );
    const [now, later] = [
      await interleave(ROUNDS, { few: () => pickUp(few, 0), many: () => pickUp(many, 0) }),
      await interleave(ROUNDS, { few: () => pickUp(few, AHEAD_MS), many: () => pickUp(many, AHEAD_MS) }),
    ];
    const goal = { kind: 'at most', ratio: 1.2 } as const;
    const shared = { rivalName: 'with none waiting', unit: 'ms', goal };
    printTable(`picking up a follow-up, p50 of each round of ${TRIES}`, [
      { what: `due now, ${WAITING} waiting`, ours: now.many, rival: now.few, ...shared },
      { what: `late after its time, ${WAITING} waiting`, ours: later.many, rival: later.few, ...shared },
    ]);
    const worked = memory();
    console.log(
      `afterwards: JavaScript memory ${worked.heap.toFixed(0)} MB, process with the store ${worked.resident.toFixed(0)} MB`,
    );
  } finally {
    await few.close();
    await many.close();
  }
}

async function openDesk(): Promise<Desk> {
  const store = await openBenchStore();
  const { clock, logger } = benchBasics;
  const database = store.connection.db;
  if (database === undefined) throw new Error('not connected');
  const queue = createJobQueue({ database, scope: (id) => store.service.scope(id), clock, logger });
  const channel = createResponseChannel('web', clock);
  const outreach = createOutreach({
    lanes: store.service.lanes,
    findAccount: (tenantId, id) => ({ channel, account: { id, tenantId, channel: 'web', config: {} } }),
    wake: () => undefined,
    clock,
  });
  const i18n = createI18n({ folder: join(projectRoot, 'locales') });
  const followUps = new FollowUps({ outreach, queue, events: noEvents, clock, makeId, i18n });
  const waiting = new Map<string, (at: number) => void>();
  const [job] = followUps.jobs();
  if (job === undefined) throw new Error('there is no job');
  await queue.start([
    {
      ...job,
      run(scope, data, run) {
        waiting.get((data as { followUpId: string }).followUpId)?.(performance.now());
        return job.run(scope, data, run);
      },
    },
  ]);
  const scope = await store.tenant('shop');
  return {
    store,
    database,
    scope,
    followUps,
    person: await personOf(scope),
    picked: (id) => new Promise((resolve) => waiting.set(id, resolve)),
    async close() {
      await queue.stop(1_000);
      await store.close();
    },
  };
}

async function personOf(scope: TenantScope): Promise<Desk['person']> {
  const at = new Date();
  const contact = await scope.contacts.ensure({ channel: 'web', accountId: 'web', userId: 'ani', at });
  const conversation = await scope.conversations.ensure({
    id: makeId('c'),
    accountId: 'web',
    channel: 'web',
    contactId: contact.id,
    chat: { chatId: 'ani', kind: 'direct' },
    title: 'Ani',
    at,
  });
  return { contact, conversation };
}

const facts = { timezone: 'UTC', cancelOnReply: false, respectHours: false, message: 'Your batik is ready.' };

/** Time taken to schedule `SCHEDULED` follow-ups, in seconds. */
async function scheduleMany(desk: Desk): Promise<number> {
  const { scope, followUps, person } = desk;
  const at = new Date(Date.now() + IN_A_YEAR_MS);
  const started = performance.now();
  for (let n = 0; n < SCHEDULED; n += 1) await followUps.schedule(scope, { ...facts, ...person, at });
  const seconds = (performance.now() - started) / 1000;
  await copyMany(desk);
  return seconds;
}

/** Inserts what scheduling the others would leave: copies of one follow-up with other ids and times. */
async function copyMany({ store, database, scope }: Desk): Promise<void> {
  const { items } = await scope.store(followUpStore).list({ status: 'pending' }, { limit: 1 });
  const client = store.connection.getClient();
  const { databases } = await client.db().admin().listDatabases();
  const jobs = database.collection('jobs');
  const job = await jobs.findOne({ 'data.key': items[0]?.id ?? '' });
  if (job === null) throw new Error('there is no job to copy');
  for (const { name } of databases) {
    const rows = client.db(name).collection<{ _id: string }>('follow_ups');
    const row = await rows.findOne({ _id: items[0]?.id ?? '' });
    if (row === null) continue;
    for (let count = SCHEDULED; count < WAITING; count += COPIED_AT_ONCE) {
      const ids = Array.from({ length: COPIED_AT_ONCE }, () => makeId('followup'));
      const time = (n: number): Date => new Date(Date.now() + IN_A_YEAR_MS + (count + n) * 1_000);
      await rows.insertMany(ids.map((_id, n) => ({ ...row, _id, nextRunAt: time(n) })));
      const { _id: _, data, ...rest } = job;
      const envelope = data as Record<string, unknown>;
      await jobs.insertMany(
        ids.map((key, n) => ({
          ...rest,
          data: { ...envelope, key, data: { followUpId: key } },
          nextRunAt: time(n),
        })),
      );
    }
  }
}

/** Time from the request, or from the due time, until the job begins, in ms. */
async function pickUp({ scope, followUps, person, picked }: Desk, aheadMs: number): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < TRIES; n += 1) {
    const id = makeId('followup');
    const begun = picked(id);
    const requestedAt = performance.now();
    // While a follow-up is being created its job is set to run in 30 s; what counts here is the run at its
    // own time.
    const at = new Date(Date.now() + aheadMs);
    await followUps.schedule(scope, { ...facts, ...person, id, at });
    times.push((await begun) - requestedAt - aheadMs);
  }
  return median(times);
}

function memory(): { readonly heap: number; readonly resident: number } {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / MEGABYTE, resident: rss / MEGABYTE };
}
