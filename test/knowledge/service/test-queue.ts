import type { Job, JobQueue, JobType } from '../../../src/contracts/queue.js';
import type { TenantScope } from '../../../src/contracts/stores.js';

interface Waiting {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly key: string | undefined;
}

/** A job queue in memory: jobs wait until the test runs them, one after the other. */
export class TestQueue implements JobQueue {
  readonly waiting: Waiting[] = [];
  private jobs: readonly Job[] = [];
  private count = 0;
  failNext = false;

  constructor(private readonly scope: TenantScope) {}

  enqueue<Data>(
    type: JobType<Data>,
    _tenantId: string,
    data: Data,
    { key }: { readonly key?: string; readonly at?: Date } = {},
  ): Promise<string> {
    if (this.failNext) {
      this.failNext = false;
      return Promise.reject(new Error('the queue is down'));
    }
    const existing = this.waiting.find((job) => job.key !== undefined && job.key === key);
    if (existing) return Promise.resolve(existing.id);
    const id = `job_${(this.count += 1)}`;
    this.waiting.push({ id, name: type.name, data, key });
    return Promise.resolve(id);
  }

  repeat(): Promise<Date> {
    return Promise.reject(new Error('not expected'));
  }

  cancel(): Promise<boolean> {
    return Promise.reject(new Error('not expected'));
  }

  find(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  start(jobs: readonly Job[]): Promise<void> {
    this.jobs = jobs;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.jobs = [];
    return Promise.resolve();
  }

  /** Runs all waiting jobs; a job that fails stays in the queue. */
  async runAll(signal = new AbortController().signal): Promise<void> {
    const run = { signal, attempt: 1, progress: () => Promise.resolve() };
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      const { name, data } = next;
      await this.jobs.find(({ type }) => type.name === name)?.run(this.scope, data, run);
      this.waiting.shift();
    }
  }

  /** Gives up all waiting jobs. */
  async giveUpAll(): Promise<void> {
    for (const { name, data } of this.waiting.splice(0)) {
      await this.jobs.find(({ type }) => type.name === name)?.givenUp?.(this.scope, data, new Error('no'));
    }
  }
}
