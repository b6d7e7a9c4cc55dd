import type { JobHandlers, JobName, JobQueue, Jobs } from '../../../src/contracts/queue.js';

interface Waiting {
  readonly id: string;
  readonly name: JobName;
  readonly data: Jobs[JobName];
  readonly uniqueKey: string | undefined;
}

/** A job queue in memory: jobs wait until the test lets them run, one after the other. */
export class TestQueue implements JobQueue {
  readonly waiting: Waiting[] = [];
  private handlers: JobHandlers | undefined;
  private count = 0;
  failNext = false;

  enqueue<Name extends JobName>(
    name: Name,
    data: Jobs[Name],
    options: { readonly uniqueKey?: string; readonly at?: Date } = {},
  ): Promise<string> {
    if (this.failNext) {
      this.failNext = false;
      return Promise.reject(new Error('the queue is down'));
    }
    const known = this.waiting.find(
      (job) => job.uniqueKey !== undefined && job.uniqueKey === options.uniqueKey,
    );
    if (known) return Promise.resolve(known.id);
    const id = `job_${(this.count += 1)}`;
    this.waiting.push({ id, name, data, uniqueKey: options.uniqueKey });
    return Promise.resolve(id);
  }

  start(handlers: JobHandlers): Promise<void> {
    this.handlers = handlers;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.handlers = undefined;
    return Promise.resolve();
  }

  /** Runs everything that waits; a job that fails stays. */
  async runAll(signal = new AbortController().signal): Promise<void> {
    for (let job = this.waiting[0]; job; job = this.waiting[0]) {
      await this.handlers?.[job.name](job.data, signal);
      this.waiting.shift();
    }
  }
}
