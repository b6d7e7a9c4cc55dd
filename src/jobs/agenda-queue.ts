import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agenda } from 'agenda';
import { MongoBackend, ObjectId } from '@agendajs/mongo-backend';
import type { Db } from 'mongodb';
import type { Job, JobQueue, JobView } from '../contracts/queue.js';
import { QueueError } from '../contracts/queue.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { nextTime } from '../lib/time/next-time.js';
import { QUICK } from '../lib/work/quick-write.js';
import { byId, JobRecords, type Envelope, type JobRecord } from './job-records.js';
import { JobRunner } from './job-runner.js';
import { defineHandler, runLocked, type RunningJob } from './run-job.js';

const DUPLICATE_KEY = 11_000;

export interface AgendaQueueDependencies {
  readonly database: Db;
  /** The scope of a tenant; `undefined` if the tenant is gone. */
  readonly scope: (tenantId: string) => Promise<TenantScope | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The `JobQueue` on Agenda, which stores jobs, times and locks shared by all processes. Which job runs next,
 * and how, is decided here, so that tenants take turns and a queued job starts immediately.
 */
export class AgendaQueue implements JobQueue {
  private opened: { readonly queueing: Agenda; readonly running: Agenda } | undefined;
  private readonly records: JobRecords;
  private readonly runner: JobRunner;
  private readonly running = new Set<RunningJob>();
  private readonly stopping = new AbortController();
  private prepared: Promise<void> | undefined;

  constructor(private readonly deps: AgendaQueueDependencies) {
    const { database, clock, logger, scope } = deps;
    this.records = new JobRecords(database);
    this.runner = new JobRunner({
      records: this.records,
      clock,
      logger,
      run: (job) => runLocked(job, this.runDependencies(scope)),
    });
  }

  enqueue: JobQueue['enqueue'] = async (type, tenantId, data, options = {}) => {
    const { key, at = this.deps.clock.now() } = options;
    const id = await this.save(
      type.name,
      { tenantId, data, tries: 0, ...(key === undefined ? {} : { key }) },
      at,
    );
    this.runner.wake(type.name, at);
    return id;
  };

  repeat: JobQueue['repeat'] = async (type, tenantId, data, { key, cron, timezone }) => {
    const at = nextTime(cron, timezone, this.deps.clock.now());
    const existing = await this.orUnavailable(
      () => this.records.find({ name: type.name, ...waitingUnder(tenantId, key) }),
      `${type.name} could not be read`,
    );
    // Settings are re-applied often; an unchanged schedule is not written again.
    if (existing !== undefined && isSame(existing, { at, cron, timezone, data })) return at;
    // A running job would reschedule itself by its old times.
    await this.cancel(type, tenantId, key);
    await this.save(type.name, { tenantId, data, tries: 0, key }, at, { cron, timezone });
    this.runner.wake(type.name, at);
    return at;
  };

  cancel: JobQueue['cancel'] = async (type, tenantId, key) => {
    const removed = await this.orUnavailable(
      () => this.records.removeKeyed(type.name, tenantId, key),
      `${type.name} could not be cancelled`,
    );
    for (const job of this.running) {
      if (job.name === type.name && job.tenantId === tenantId && job.key === key) {
        job.cancel.abort(new Error('the job was cancelled'));
      }
    }
    return removed > 0;
  };

  async find(tenantId: string, jobId: string): Promise<JobView | undefined> {
    if (!ObjectId.isValid(jobId)) return undefined;
    const filter = { ...byId(jobId), 'data.tenantId': tenantId };
    const row = await this.orUnavailable(() => this.records.find(filter), 'a job could not be read');
    return row === undefined ? undefined : viewOf(row);
  }

  async start(jobs: readonly Job[]): Promise<void> {
    await this.prepare();
    const deps = this.runDependencies(this.deps.scope);
    for (const job of jobs) defineHandler(job, this.running, deps);
    this.runner.start(jobs.map(({ type }) => type));
  }

  async stop(graceMs: number): Promise<void> {
    await this.runner.stop(graceMs, () => this.stopping.abort(new Error('stopping')));
    // Whatever it wrote after the store has closed would fail and end the process.
    if (this.opened === undefined) return;
    const { queueing, running } = this.opened;
    const ready = Promise.all([queueing.ready, running.ready]);
    await Promise.race([ready, sleep(graceMs, undefined, { ref: false })]);
  }

  /**
   * Created on first use: Agenda connects immediately, and processes that queue nothing should not wait for
   * that. What is queued is durable; what is recorded while jobs run need not be, because a job of which it is
   * lost runs again.
   */
  private get agenda(): { readonly queueing: Agenda; readonly running: Agenda } {
    const { database } = this.deps;
    this.opened ??= {
      queueing: this.openAgenda(database),
      running: this.openAgenda(database.client.db(database.databaseName, QUICK)),
    };
    return this.opened;
  }

  private openAgenda(database: Db): Agenda {
    const agenda = new Agenda({
      backend: new MongoBackend({ mongo: database, collection: 'jobs', ensureIndex: false }),
      removeOnComplete: true,
    });
    agenda.on('error', (error: unknown) => this.deps.logger.warn({ error }, 'the job queue failed'));
    return agenda;
  }

  /** Once per process: connects Agenda and creates the indexes. Retried if it failed. */
  private prepare(): Promise<void> {
    const { queueing, running } = this.agenda;
    this.prepared ??= Promise.all([queueing.ready, running.ready, this.records.prepare()]).then(
      () => undefined,
      (cause: unknown) => {
        this.prepared = undefined;
        throw new QueueError('unavailable', 'the job queue cannot reach the store', { cause });
      },
    );
    return this.prepared;
  }

  private async save(
    name: string,
    envelope: Envelope,
    at: Date,
    recurring?: { readonly cron: string; readonly timezone: string },
  ): Promise<string> {
    await this.prepare();
    const write = async (): Promise<string> => {
      const job = this.agenda.queueing.create(name, envelope);
      if (envelope.key !== undefined) {
        job.unique(waitingUnder(envelope.tenantId, envelope.key));
      }
      if (recurring !== undefined) job.repeatEvery(recurring.cron, { timezone: recurring.timezone });
      job.schedule(at);
      return String((await job.save()).attrs._id);
    };
    return this.orUnavailable(
      // If two callers queue the same key at once, the second finds the first one's job.
      () =>
        write().catch((error: unknown) => (isDuplicate(error) ? write() : Promise.reject(error as Error))),
      `the job ${name} could not be queued`,
    );
  }

  private async orUnavailable<Result>(work: () => Promise<Result>, failure: string): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      throw new QueueError('unavailable', failure, { cause });
    }
  }

  private runDependencies(scope: AgendaQueueDependencies['scope']) {
    const { clock, logger } = this.deps;
    const { records } = this;
    return { agenda: this.agenda.running, records, scope, clock, logger, stopping: this.stopping.signal };
  }
}

function waitingUnder(tenantId: string, key: string) {
  return { 'data.tenantId': tenantId, 'data.key': key, lockedAt: null } as const;
}

function isSame(
  existing: JobRecord,
  requested: { readonly at: Date; readonly cron: string; readonly timezone: string; readonly data: unknown },
): boolean {
  return (
    existing.repeatInterval === requested.cron &&
    existing.repeatTimezone === requested.timezone &&
    existing.nextRunAt?.getTime() === requested.at.getTime() &&
    existing.data.tries === 0 &&
    isDeepStrictEqual(existing.data.data, requested.data)
  );
}

function viewOf({ lockedAt, nextRunAt, progress }: JobRecord): JobView {
  return {
    state: lockedAt === null ? 'waiting' : 'running',
    progress: progress ?? 0,
    ...(nextRunAt === null ? {} : { nextRunAt }),
  };
}

function isDuplicate(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === DUPLICATE_KEY;
}
