/** Every job and the data it carries. A job without a handler stops the start. */
export interface Jobs {
  'knowledge.ingest': { readonly tenantId: string; readonly documentId: string };
}

export type JobName = keyof Jobs;

export type JobHandler<Name extends JobName> = (data: Jobs[Name], signal: AbortSignal) => Promise<void>;

export type JobHandlers = { readonly [Name in JobName]: JobHandler<Name> };

/** Work that is scheduled or may take long; a live message never waits for it. */
export interface JobQueue {
  /**
   * Durable when resolved; runs at least once, so handlers are idempotent. `uniqueKey` keeps one
   * waiting job per key. Returns the job's id.
   */
  enqueue<Name extends JobName>(
    name: Name,
    data: Jobs[Name],
    options?: { readonly uniqueKey?: string; readonly at?: Date },
  ): Promise<string>;
  /** Runs jobs in this process until `stop`. */
  start(handlers: JobHandlers): Promise<void>;
  /** Waits for running jobs up to `graceMs`, then hands them back. */
  stop(graceMs: number): Promise<void>;
}

export class QueueError extends Error {
  override readonly name = 'QueueError';
  constructor(
    readonly kind: 'unavailable' | 'missing-handler',
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
