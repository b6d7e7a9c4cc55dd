import { MongoCommandError } from '../errors.js';
import type { Work } from '../work.js';

/** So long one command may hold the thread before others get their turn, milliseconds. */
const SLICE_MS = 4;

/** How soon what waits for somebody else looks again, milliseconds. */
const WAIT_MS = 3;

/** One command's work: what surrounds each slice of it, and what becomes of it. */
export interface Job<Result> {
  readonly work: Work<Result>;
  /** `performance.now()` at which its time is over; undefined: never. */
  readonly deadline: number | undefined;
  /** Why it must not go on; undefined: it may. */
  stopped(): MongoCommandError | undefined;
  /** Whether it has to wait for the disk before it goes on. */
  isHeldUp?(): boolean;
  /** Before a slice, and after it. */
  enter(): void;
  leave(): void;
  done(result: Result): void;
  failed(error: unknown): void;
}

/**
 * Runs short work at once and long work in slices, each with a turn of the event loop between, so that
 * nobody waits longer than a slice for somebody else's long command.
 */
export class Scheduler<Result> {
  readonly #suspended: Job<Result>[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #isPaused = false;
  /** Those that can not go on before somebody else did something. */
  readonly #waits = new WeakSet<Job<Result>>();

  /** The operations that are under way. */
  get size(): number {
    return this.#suspended.length;
  }

  start(job: Job<Result>): void {
    if (this.#isPaused || !this.#slice(job)) this.#suspend(job);
  }

  #suspend(job: Job<Result>): void {
    if (this.#waits.has(job)) {
      setTimeout(() => {
        this.#queue(job);
      }, WAIT_MS);
    } else this.#queue(job);
  }

  #queue(job: Job<Result>): void {
    this.#suspended.push(job);
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.#next();
    });
  }

  #next(): void {
    if (this.#isPaused) return;
    const job = this.#suspended.shift();
    if (!job) return;
    if (!this.#slice(job)) this.#suspend(job);
    if (this.#suspended.length > 0) {
      this.#scheduled ??= setImmediate(() => {
        this.#scheduled = undefined;
        this.#next();
      });
    }
  }

  /** @returns whether the work is over. */
  #slice(job: Job<Result>): boolean {
    this.#waits.delete(job);
    const started = performance.now();
    job.enter();
    try {
      for (;;) {
        const { done, value } = job.work.next();
        if (done === true) {
          job.leave();
          job.done(value);
          return true;
        }
        const now = performance.now();
        if (job.deadline !== undefined && now > job.deadline) throw expired();
        const reason = job.stopped();
        if (reason) throw reason;
        if (value !== 'wait' && now - started < SLICE_MS) continue;
        if (value === 'wait' || job.isHeldUp?.() === true) this.#waits.add(job);
        job.leave();
        return false;
      }
    } catch (error) {
      job.leave();
      job.failed(error);
      return true;
    }
  }

  /** Nothing goes on until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#next();
  }

  /** Ends everything that is under way. */
  failAll(error: unknown): void {
    for (const job of this.#suspended.splice(0)) job.failed(error);
  }
}

const expired = (): MongoCommandError => new MongoCommandError(50, 'operation exceeded time limit');
