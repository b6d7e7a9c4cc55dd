import { once } from 'node:events';
import { Agenda, InMemoryNotificationChannel } from 'agenda';
import type { Job } from 'agenda';
import { MongoBackend } from '@agendajs/mongo-backend';
import type { Db } from 'mongodb';
import type { JobHandlers, JobName, JobQueue, Jobs } from '../contracts/queue.js';
import { QueueError } from '../contracts/queue.js';
import type { Clock, Logger } from '../contracts/runtime.js';

/** Agenda polls this often for work that other processes queued, in ms. */
const POLL_EVERY_MS = 5_000;
/**
 * A job whose process died runs again after this, in ms: somebody waits for the document they sent.
 * A job that runs renews its lock four times as often.
 */
const LOCK_MS = 30_000;
const CONCURRENCY = 2;
const MAX_RETRIES = 4;
const FIRST_RETRY_MS = 2_000;
const IDLE_LOOK_MS = 25;

/** The names again, so that a job without a handler stops the start and not a customer. */
const JOB_NAMES: { readonly [Name in JobName]: true } = { 'knowledge.ingest': true };

export interface AgendaQueueDependencies {
  readonly database: Db;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Envelope<Name extends JobName> {
  readonly data: Jobs[Name];
  readonly uniqueKey?: string;
  readonly tries: number;
}

/** Agenda as the `JobQueue`: durable, shared by all processes, at least once. */
export function createAgendaQueue({ database, clock, logger }: AgendaQueueDependencies): JobQueue {
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo: database, collection: 'jobs', ensureIndex: true }),
    // What this process queues starts at once; the poll finds what others queued.
    notificationChannel: new InMemoryNotificationChannel(),
    processEvery: POLL_EVERY_MS,
    defaultConcurrency: CONCURRENCY,
    defaultLockLifetime: LOCK_MS,
    removeOnComplete: true,
  });
  // Agenda reports a failed poll here; without a listener it would end the process.
  let isStopped = false;
  agenda.on('error', (error: unknown) => {
    // A poll that was under way when the store was closed is nobody's concern.
    if (!isStopped) logger.warn({ error }, 'the job queue could not reach the store');
  });
  const stopping = new AbortController();

  const save = async <Name extends JobName>(
    name: Name,
    envelope: Envelope<Name>,
    at: Date,
  ): Promise<string> => {
    const job = agenda.create(name, envelope);
    if (envelope.uniqueKey !== undefined) {
      job.unique({ 'data.uniqueKey': envelope.uniqueKey, lastFinishedAt: null, lockedAt: null });
    }
    job.schedule(at);
    try {
      const saved = await job.save();
      return String(saved.attrs._id);
    } catch (error) {
      throw new QueueError('unavailable', `the job ${name} could not be queued`, { cause: error });
    }
  };

  const define = <Name extends JobName>(name: Name, handlers: JobHandlers): void => {
    agenda.define(name, async (job: Job<Envelope<Name>>) => {
      const { data, tries, uniqueKey } = job.attrs.data;
      const keepLock = setInterval(() => {
        job
          .touch()
          .catch((error: unknown) => logger.warn({ error, job: name }, 'a job lock was not renewed'));
      }, LOCK_MS / 4);
      try {
        await handlers[name](data, stopping.signal);
      } catch (error) {
        logger.error({ error, job: name, tries }, 'a job failed');
        if (tries >= MAX_RETRIES) throw error;
        const at = new Date(clock.now().getTime() + FIRST_RETRY_MS * 2 ** tries);
        await save(name, { data, tries: tries + 1, ...(uniqueKey === undefined ? {} : { uniqueKey }) }, at);
      } finally {
        clearInterval(keepLock);
      }
    });
  };

  return {
    enqueue(name, data, options = {}) {
      const { uniqueKey, at = clock.now() } = options;
      return save(name, { data, tries: 0, ...(uniqueKey === undefined ? {} : { uniqueKey }) }, at);
    },
    async start(handlers) {
      for (const name of Object.keys(JOB_NAMES) as JobName[]) {
        if (typeof handlers[name] !== 'function') {
          throw new QueueError('missing-handler', `the job ${name} has no handler`);
        }
        define(name, handlers);
      }
      await agenda.start();
    },
    async stop(graceMs) {
      const timer = setTimeout(() => stopping.abort(new Error('stopping')), graceMs);
      // Agenda makes its index as soon as it exists; a store closed meanwhile would end the process.
      await Promise.race([agenda.ready, once(stopping.signal, 'abort')]);
      const idle = new AbortController();
      const drained = agenda.drain({ timeout: graceMs, signal: idle.signal });
      // Agenda 6.2.6 looks at its running jobs before the last one has left the list, and would
      // then wait for the whole grace: told when none is left, it ends at once.
      void whenIdle(agenda, clock, idle);
      await drained;
      isStopped = true;
      idle.abort();
      clearTimeout(timer);
    },
  };
}

async function whenIdle(agenda: Agenda, clock: Clock, idle: AbortController): Promise<void> {
  try {
    while ((await agenda.getRunningStats()).runningJobs !== 0) await clock.sleep(IDLE_LOOK_MS, idle.signal);
  } catch {
    // Drained already, or the store is gone: the grace ends the wait.
    return;
  }
  idle.abort();
}
