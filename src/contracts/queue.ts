import type { TenantScope } from './stores.js';

/**
 * A kind of work, declared once beside the room that does it. `Data` is what one job of it carries:
 * ids rather than contents, as plain JSON.
 */
export interface JobType<Data> {
  /** `room.work`; stored with each waiting job, so it never changes. */
  readonly name: string;
  /** How many run at the same time in one process. */
  readonly concurrency: number;
  /** A job that failed this often is given up. */
  readonly tries: number;
  /** Only for the compiler: keeps data of one type from another type's job. */
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
  /** Aborts when the process stops or the job is cancelled: end soon, the job runs again elsewhere. */
  readonly signal: AbortSignal;
  /** 1 for the first try. */
  readonly attempt: number;
  /** How much is done, 0..1. */
  progress(part: number): Promise<void>;
}

/** What is done with the jobs of one type. Runs at least once per job, so it is idempotent. */
export interface JobHandler<Data> {
  run(scope: TenantScope, data: Data, run: JobRun): Promise<void>;
  /** The last try failed: says so where somebody looks, so that nothing waits for ever. */
  givenUp?(scope: TenantScope, data: Data, error: unknown): Promise<void>;
}

/** A type with its handler, as a room brings it. */
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
 * Work that is scheduled or may take long; a live message never waits for it. Every job belongs to
 * a tenant, and tenants take turns: one that queued a thousand jobs holds up no other.
 */
export interface JobQueue {
  /**
   * Durable when resolved. `key` keeps one waiting job of this type and tenant: queued again, it
   * gets the new time and data. Returns the job's id.
   */
  enqueue<Data>(
    type: JobType<Data>,
    tenantId: string,
    data: NoInfer<Data>,
    options?: { readonly key?: string; readonly at?: Date },
  ): Promise<string>;
  /**
   * Runs again and again by a cron line, read in an IANA time zone: an hour that a change of clocks
   * removes runs at the next valid time, a doubled one runs once. The same key replaces what was
   * there. Returns the next run. Throws `QueueError` of kind `invalid-schedule`.
   */
  repeat<Data>(
    type: JobType<Data>,
    tenantId: string,
    data: NoInfer<Data>,
    options: { readonly key: string; readonly cron: string; readonly timezone: string },
  ): Promise<Date>;
  /** Forgets the job, and aborts it where it runs in this process. `false`: there is none. */
  cancel<Data>(type: JobType<Data>, tenantId: string, key: string): Promise<boolean>;
  /** `undefined`: it is done, was cancelled, or never was. */
  find(tenantId: string, jobId: string): Promise<JobView | undefined>;
  /** Runs these jobs in this process until `stop`. */
  start(jobs: readonly Job[]): Promise<void>;
  /** Waits for running jobs up to `graceMs`, then hands them back. */
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
