import type { Agenda, JobParameters } from 'agenda';
import { Job as AgendaJob } from 'agenda';
import type { Job } from '../contracts/queue.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { OVER } from '../lib/time/clock.js';
import type { Envelope, JobRecords } from './job-records.js';
import { LOCK_MS } from './job-runner.js';

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 600_000;
/** Delay before trying again to give up a job, in ms. */
const GIVE_UP_AGAIN_MS = 60_000;
/** Progress is written at most this often, in ms. */
const PROGRESS_EVERY_MS = 500;

export interface RunJobDependencies {
  readonly agenda: Agenda;
  readonly records: JobRecords;
  readonly scope: (tenantId: string) => Promise<TenantScope | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when this process ends. */
  readonly stopping: AbortSignal;
}

/** A job this process is running. */
export interface RunningJob {
  readonly name: string;
  readonly tenantId: string;
  readonly key: string | undefined;
  readonly cancel: AbortController;
}

/** Registers with Agenda how to run jobs of this type. */
export function defineHandler(job: Job, running: Set<RunningJob>, deps: RunJobDependencies): void {
  deps.agenda.define(
    job.type.name,
    async (record: AgendaJob<Envelope>) => {
      const cancel = new AbortController();
      const { tenantId, key } = record.attrs.data;
      const entry = { name: job.type.name, tenantId, key, cancel };
      running.add(entry);
      try {
        await runOnce(job, record, AbortSignal.any([cancel.signal, deps.stopping]), cancel, deps);
      } finally {
        running.delete(entry);
        // Node keeps signals that were made from this one until it aborts, with all that listens to them.
        cancel.abort(OVER);
      }
    },
    { concurrency: job.type.concurrency, lockLifetime: LOCK_MS },
  );
}

/** Runs a locked job with Agenda's bookkeeping. */
export async function runLocked(parameters: JobParameters, deps: RunJobDependencies): Promise<void> {
  try {
    const record = new AgendaJob<Envelope>(
      deps.agenda,
      parameters as JobParameters<Envelope> & { data: Envelope },
      true,
    );
    await record.run();
  } catch (error) {
    // The job was removed before it started, or the store is down: the lock expires on its own.
    deps.logger.warn({ error, job: parameters.name }, 'a job could not be started');
  }
}

/**
 * One attempt. Agenda then saves the record: with a next time the job waits for it, without one it is done
 * and removed. So whatever fails here leaves a next time; otherwise nothing would ever run the job again.
 */
async function runOnce(
  job: Job,
  record: AgendaJob<Envelope>,
  signal: AbortSignal,
  cancel: AbortController,
  deps: RunJobDependencies,
): Promise<void> {
  try {
    await attempt(job, record, signal, cancel, deps);
  } catch (error) {
    deps.logger.warn(
      { error, job: job.type.name },
      'a job was interrupted by the store and runs again later',
    );
    // Agenda counts what is thrown.
    retryAfter(record, retryMs(record.attrs.failCount ?? 0), deps.clock);
    if (!cancel.signal.aborted) throw error;
  }
  if (cancel.signal.aborted) leaveUnsaved(record);
}

/** Rejects if the store fails. */
async function attempt(
  job: Job,
  record: AgendaJob<Envelope>,
  signal: AbortSignal,
  cancel: AbortController,
  deps: RunJobDependencies,
): Promise<void> {
  const { tenantId, data, tries, lost = 0 } = record.attrs.data;
  const scope = await deps.scope(tenantId);
  if (scope === undefined) {
    // The tenant is gone, so nothing is left to do.
    record.attrs.nextRunAt = null;
    return;
  }
  const keeping = keepLocked(record, cancel, deps);
  try {
    if (tries + lost >= job.type.tries) {
      await giveUp(job, scope, record, new Error('it failed, or its process died, too often'), deps);
      return;
    }
    await job.run(scope, data, { signal, attempt: tries + lost + 1, progress: keeping.progress });
    if (tries > 0 && record.attrs.nextRunAt) await deps.records.setTries(record.attrs._id, 0);
  } catch (error) {
    await afterFailure(job, scope, record, error, signal, deps);
  } finally {
    keeping.stop();
  }
}

async function afterFailure(
  job: Job,
  scope: TenantScope,
  record: AgendaJob<Envelope>,
  error: unknown,
  signal: AbortSignal,
  deps: RunJobDependencies,
): Promise<void> {
  const { clock, logger, records, stopping } = deps;
  const { tenantId, tries, lost = 0, key } = record.attrs.data;
  if (stopping.aborted) {
    record.attrs.nextRunAt = clock.now();
    return;
  }
  if (signal.aborted) return;
  logger.error({ error, job: job.type.name, tenantId, tries }, 'a job failed');
  if (tries + lost + 1 >= job.type.tries) {
    await giveUp(job, scope, record, error, deps);
    return;
  }
  // It was queued again while running: leave the work to the newer job.
  const newer = { name: job.type.name, lockedAt: null, 'data.tenantId': tenantId, 'data.key': key ?? '' };
  if (key !== undefined && (await records.find(newer)) !== undefined) return;
  await records.setTries(record.attrs._id, tries + 1);
  retryAfter(record, retryMs(tries), clock);
}

function retryMs(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
}

/** A recurring job does not wait longer than until its next time. */
function retryAfter({ attrs }: AgendaJob<Envelope>, ms: number, clock: Clock): void {
  attrs.nextRunAt = new Date(Math.min(clock.now().getTime() + ms, attrs.nextRunAt?.getTime() ?? Infinity));
}

/**
 * The job was cancelled, or another process has it or has handed it back, so its record is no longer ours:
 * saving it would remove what the other process left. Agenda saves no record without an id.
 */
function leaveUnsaved(record: AgendaJob<Envelope>): never {
  delete record.attrs._id;
  throw new Error('the job was cancelled');
}

/** Reports that the job was given up. A recurring job continues with its next time. */
async function giveUp(
  job: Job,
  scope: TenantScope,
  record: AgendaJob<Envelope>,
  error: unknown,
  { clock, logger, records }: RunJobDependencies,
): Promise<void> {
  const facts = { error, job: job.type.name, tenantId: scope.tenantId };
  logger.error(facts, 'a job is given up');
  try {
    await job.givenUp?.(scope, record.attrs.data.data, error);
    if (record.attrs.nextRunAt) await records.setTries(record.attrs._id, 0);
  } catch (cause) {
    logger.error({ ...facts, error: cause }, 'a job that is given up could not say so; it tries again');
    await records.setTries(record.attrs._id, job.type.tries);
    record.attrs.nextRunAt = new Date(clock.now().getTime() + GIVE_UP_AGAIN_MS);
  }
}

/** Renews the lock while the job runs; aborts a job that was cancelled elsewhere. */
function keepLocked(
  record: AgendaJob<Envelope>,
  cancel: AbortController,
  { records, clock, logger }: RunJobDependencies,
): { progress(part: number): Promise<void>; stop(): void } {
  let progress = 0;
  let writtenMs = -Infinity;
  const renew = async (): Promise<void> => {
    writtenMs = clock.monotonicMs();
    try {
      const isOurs = await records.keepLock(record.attrs._id, clock.now(), progress);
      if (!isOurs) cancel.abort(new Error('the job was cancelled'));
    } catch (error) {
      logger.warn({ error, job: record.attrs.name }, 'a job lock was not renewed');
    }
  };
  const timer = setInterval(() => void renew(), LOCK_MS / 4);
  return {
    async progress(part) {
      progress = Math.min(1, Math.max(0, part));
      if (clock.monotonicMs() - writtenMs >= PROGRESS_EVERY_MS) await renew();
    },
    stop: () => clearInterval(timer),
  };
}
