import type { TenantScope } from './stores.js';

/**
 * A kind of job, declared once next to the code that runs it. `Data` is what each job carries: ids rather
 * than contents, as plain JSON.
 */
export interface JobType<Data> {
  /** `room.work`; stored with each waiting job, so it must never change. */
  readonly name: string;
  /** How many run at the same time in one process. */
  readonly concurrency: number;
  /** Attempts before a job is given up. */
  readonly tries: number;
  /** Compile-time only: keeps the data of one job type out of another. */
  readonly carries?: (data: Data) => void;
}

const DEFAULTS = { concurrency: 2, tries: 5 } as const;

export function defineJob<Data>(
  name: string,
  options: { readonly concurrency?: number; readonly tries?: number } = {},
): JobType<Data> {
  return { name, ...DEFAULTS, ...options };
}

/** One run of a job, as its handler sees it. */
export interface JobRun {
  /** Aborts when the process stops or the job is cancelled. End soon; a stopped job runs again elsewhere. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Fraction done, 0 to 1. */
  progress(part: number): Promise<void>;
}

/** Runs jobs of one type. A job may run more than once, so handlers are idempotent. */
export interface JobHandler<Data> {
  run(scope: TenantScope, data: Data, run: JobRun): Promise<void>;
  /** Called after the last failed attempt; records it where people look, so that nothing waits forever. */
  givenUp?(scope: TenantScope, data: Data, error: unknown): Promise<void>;
}

/** A job type with its handler. */
export interface Job extends JobHandler<unknown> {
  readonly type: JobType<never>;
}

export function handleJob<Data>(type: JobType<Data>, handler: JobHandler<Data>): Job {
  const { givenUp } = handler;
  return {
    type,
    run: (scope, data, run) => handler.run(scope, data as Data, run),
    ...(givenUp && { givenUp: (scope, data, error) => givenUp(scope, data as Data, error) }),
  };
}

export interface JobView {
  readonly state: 'waiting' | 'running';
  /** 0..1 */
  readonly progress: number;
  readonly nextRunAt?: Date;
}

/**
 * Runs scheduled or long work; live messages never wait for it. Every job belongs to a tenant, and tenants
 * take turns, so a tenant with a thousand jobs delays nobody else's.
 */
export interface JobQueue {
  /**
   * Durable once resolved. `key` keeps at most one waiting job per type and tenant: enqueuing again updates
   * its time and data. Returns the job's id.
   */
  enqueue<Data>(
    type: JobType<Data>,
    tenantId: string,
    data: NoInfer<Data>,
    options?: { readonly key?: string; readonly at?: Date },
  ): Promise<string>;
  /**
   * Repeats on a cron expression in an IANA time zone: an hour skipped by a clock change runs at the next
   * valid time, a doubled one runs once. The same key replaces the previous schedule. Returns the next run.
   * Throws `QueueError` of kind `invalid-schedule`.
   */
  repeat<Data>(
    type: JobType<Data>,
    tenantId: string,
    data: NoInfer<Data>,
    options: { readonly key: string; readonly cron: string; readonly timezone: string },
  ): Promise<Date>;
  /** Removes the job, and aborts it if it is running in this process. `false`: no such job. */
  cancel<Data>(type: JobType<Data>, tenantId: string, key: string): Promise<boolean>;
  /** `undefined`: it finished, was cancelled, or never existed. */
  find(tenantId: string, jobId: string): Promise<JobView | undefined>;
  /** Runs jobs of these types in this process until `stop`. */
  start(jobs: readonly Job[]): Promise<void>;
  /** Waits up to `graceMs` for running jobs, then releases them to other processes. */
  stop(graceMs: number): Promise<void>;
}

export class QueueError extends Error {
  override readonly name = 'QueueError';
  constructor(
    readonly kind: 'unavailable' | 'invalid-schedule',
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
