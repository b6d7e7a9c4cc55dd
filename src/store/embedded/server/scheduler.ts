import { InterruptionError } from '../errors.js';
import type { Work } from '../work.js';

/** How long a command may hold the thread before others get their turn, in ms. */
const SLICE_MS = 4;

/** How soon a job that waits for another one tries again, in ms. */
const WAIT_MS = 3;

/** A command's work, the callbacks around each slice of it, and its outcome. */
export interface Job<Result> {
  readonly work: Work<Result>;
  /** The `performance.now()` at which its time is up; `undefined`: never. */
  readonly deadline: number | undefined;
  /** Why it must stop; `undefined`: it may continue. */
  stopped(): InterruptionError | undefined;
  /** Whether it must wait for the disk before it continues. */
  isHeldUp?(): boolean;
  /** Called before and after each slice. */
  enter(): void;
  leave(): void;
  done(result: Result): void;
  failed(error: unknown): void;
}

/**
 * Runs short work immediately and long work in slices, with a turn of the event loop in between, so that
 * nobody waits longer than a slice for somebody else's long command.
 */
export class Scheduler<Result> {
  readonly #suspended: Job<Result>[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #isPaused = false;
  /** Jobs that cannot continue until something else has happened. */
  readonly #waits = new WeakSet<Job<Result>>();
  /** Those of them that are not queued, and what will queue them again. */
  readonly #waiting = new Map<Job<Result>, NodeJS.Timeout>();

  start(job: Job<Result>): void {
    if (this.#isPaused || !this.#slice(job)) this.#suspend(job);
  }

  #suspend(job: Job<Result>): void {
    if (!this.#waits.has(job)) {
      this.#queue(job);
      return;
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(job);
      this.#queue(job);
    }, WAIT_MS);
    this.#waiting.set(job, timer);
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

  /** Returns whether the work is complete. */
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
        const reason = job.deadline !== undefined && now > job.deadline ? expired() : job.stopped();
        if (reason) {
          undo(job, reason);
          throw reason;
        }
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

  /** Nothing continues until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#next();
  }

  /** Fails all jobs, those that wait for something too, and starts no others. */
  close(reason: InterruptionError): void {
    this.pause();
    this.failAll(reason);
  }

  /** Fails all jobs, those that wait for something too. */
  failAll(reason: InterruptionError): void {
    const jobs = [...this.#suspended.splice(0), ...this.#waiting.keys()];
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    for (const job of jobs) {
      job.enter();
      undo(job, reason);
      job.leave();
      job.failed(reason);
    }
  }
}

/** Raises the reason inside the work, so that its `catch` and `finally` blocks undo what it began. */
function undo<Result>({ work }: Job<Result>, reason: InterruptionError): void {
  try {
    let step = work.throw(reason);
    while (step.done !== true) step = work.next();
  } catch {
    // The reason itself; a failure of the clean-up must not hide it.
  }
}

const expired = (): InterruptionError => new InterruptionError(50, 'operation exceeded time limit');
