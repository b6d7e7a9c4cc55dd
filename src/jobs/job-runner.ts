import type { JobParameters } from 'agenda';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { JobRecords } from './job-records.js';

/** How often to look for jobs queued by other processes, in ms; anything due sooner has its own timer. */
const LOOK_EVERY_MS = 2_000;
/**
 * Delay when something is due but cannot be taken, because another process has it or its type does not run
 * here; in ms.
 */
const NOTHING_TAKEN_MS = 1_000;
/**
 * A job whose process died runs again after this, in ms: somebody is waiting for their document. A running
 * job renews its lock four times as often.
 */
export const LOCK_MS = 30_000;
/** How long an interrupted job has to be handed back, in ms. */
const HAND_BACK_MS = 1_000;

export interface JobRunnerDependencies {
  readonly records: JobRecords;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Runs a locked job to its end; never rejects. */
  run(job: JobParameters): Promise<void>;
}

interface Slots {
  readonly most: number;
  readonly running: Set<Promise<void>>;
  /** Whether a look for work is in progress, and whether another was requested meanwhile. */
  looking: boolean;
  again: boolean;
}

/** Takes due jobs, as many at a time as their types allow, until stopped. */
export class JobRunner {
  private readonly slots = new Map<string, Slots>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private timerAtMs = Infinity;
  private isStopped = false;
  private isFailing = false;

  constructor(private readonly deps: JobRunnerDependencies) {}

  start(types: readonly { readonly name: string; readonly concurrency: number }[]): void {
    for (const { name, concurrency } of types) {
      this.slots.set(name, { most: concurrency, running: new Set(), looking: false, again: false });
    }
    void this.look();
  }

  /** Call when a job of this type was queued in this process. */
  wake(name: string, at: Date): void {
    const slots = this.slots.get(name);
    if (slots === undefined || this.isStopped) return;
    if (at.getTime() <= this.deps.clock.now().getTime()) void this.fill(name, slots);
    else this.lookAt(at.getTime());
  }

  /** Takes no new jobs, waits for running ones, then interrupts them. */
  async stop(graceMs: number, interrupt: () => void): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    const idle = (): Promise<unknown> =>
      Promise.all([...this.slots.values()].flatMap(({ running }) => [...running]));
    const { clock } = this.deps;
    const over = new AbortController();
    const grace = (ms: number): Promise<void> => clock.sleep(ms, over.signal).catch(() => undefined);
    await Promise.race([idle(), grace(graceMs)]);
    interrupt();
    await Promise.race([idle(), grace(HAND_BACK_MS)]);
    over.abort();
  }

  /** Takes everything that is due, and sets the timer for what is due next. */
  private async look(): Promise<void> {
    if (this.isStopped) return;
    this.timerAtMs = Infinity;
    const { clock, records, logger } = this.deps;
    let nextMs = clock.now().getTime() + LOOK_EVERY_MS;
    try {
      if (await records.hasLost(this.lostBefore())) await this.fillAll(true);
      const due = await records.nextDueAt();
      const nowMs = clock.now().getTime();
      if (due !== undefined && due.getTime() <= nowMs) {
        const takenCount = await this.fillAll(false);
        nextMs = nowMs + (takenCount > 0 ? LOOK_EVERY_MS : NOTHING_TAKEN_MS);
      } else if (due !== undefined) nextMs = Math.min(nextMs, due.getTime());
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing && !this.isStopped)
        logger.warn({ error }, 'the job queue could not reach the store');
      this.isFailing = true;
    }
    this.lookAt(nextMs);
  }

  private lookAt(ms: number): void {
    if (this.isStopped || ms >= this.timerAtMs) return;
    clearTimeout(this.timer);
    this.timerAtMs = ms;
    const wait = Math.min(LOOK_EVERY_MS, Math.max(0, ms - this.deps.clock.now().getTime()));
    this.timer = setTimeout(() => void this.look(), wait);
  }

  private async fillAll(isLost: boolean): Promise<number> {
    const counts = await Promise.all([...this.slots].map(([name, slots]) => this.fill(name, slots, isLost)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Takes jobs of one type until its slots are full or none is due; returns how many. */
  private async fill(name: string, slots: Slots, isLost = false): Promise<number> {
    if (slots.looking) {
      slots.again = true;
      return 0;
    }
    slots.looking = true;
    let takenCount = 0;
    try {
      do {
        slots.again = false;
        while (!this.isStopped && slots.running.size < slots.most) {
          const job = await this.take(name, isLost);
          if (job === undefined) break;
          takenCount += 1;
          this.launch(name, slots, job);
        }
      } while (slots.again && !this.isStopped);
    } catch (error) {
      // The next look finds what is due.
      if (!this.isStopped) this.deps.logger.warn({ error, job: name }, 'due jobs could not be read');
    } finally {
      slots.looking = false;
    }
    return takenCount;
  }

  private take(name: string, isLost: boolean): Promise<JobParameters | undefined> {
    const { records, clock } = this.deps;
    const now = clock.now();
    return isLost ? records.lockLost(name, now, this.lostBefore()) : records.lockDue(name, now);
  }

  private launch(name: string, slots: Slots, job: JobParameters): void {
    const run = this.deps.run(job).finally(() => {
      slots.running.delete(run);
      void this.fill(name, slots);
    });
    slots.running.add(run);
  }

  private lostBefore(): Date {
    return new Date(this.deps.clock.now().getTime() - LOCK_MS);
  }
}
