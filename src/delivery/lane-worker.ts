import type { Clock, Logger } from '../contracts/runtime.js';
import type { Lane, LaneStore } from '../contracts/stores.js';

/** How long a lane belongs to a process that has gone silent, in ms. */
const LEASE_MS = 15_000;
const RENEW_EVERY_MS = LEASE_MS / 3;
/** How often lanes left by other processes are looked for, in ms. */
const SWEEP_EVERY_MS = 1_000;
/** Lanes worked on at the same time by one process; more of them wait for the sweep. */
const MAX_LANES = 256;

/** What one look at a lane ended with. */
export interface LaneOutcome {
  /** When it must be looked at again; absent when nothing is left to do. */
  readonly nextDueAt?: Date;
}

export interface LaneWork {
  /** Does all there is to do in the lane. `wakes` aborts its waits when something new arrived. */
  run(lane: Lane, wakes: LaneWakes, signal: AbortSignal): Promise<LaneOutcome>;
}

/** Tells a running lane that something new was stored for it. */
export interface LaneWakes {
  /** Resolves after `ms`, at the next wake, or when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

interface Running {
  wakes: number;
  wake: (() => void) | undefined;
  readonly done: Promise<void>;
}

export interface LaneWorkerDependencies {
  readonly lanes: LaneStore;
  readonly owner: string;
  readonly work: LaneWork;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs lanes in this process, each by one loop at a time, and sweeps up what others left. */
export class LaneWorker {
  private readonly running = new Map<string, Running>();
  private readonly stopping = new AbortController();
  private readonly killing = new AbortController();
  private sweeping: Promise<void> | undefined;

  constructor(private readonly deps: LaneWorkerDependencies) {}

  start(): void {
    this.sweeping = this.sweep();
  }

  /** Something new is stored in this lane: runs it now, here, unless another process has it. */
  wake(tenantId: string, conversationId: string): void {
    if (this.stopping.signal.aborted) return;
    const key = laneKey(tenantId, conversationId);
    const active = this.running.get(key);
    if (active !== undefined) {
      active.wakes += 1;
      active.wake?.();
      return;
    }
    if (this.running.size >= MAX_LANES) return;
    this.launch(key, () => this.deps.lanes.claim(tenantId, conversationId, this.deps.owner, LEASE_MS));
  }

  /** Takes no new lane, lets running ones finish for `graceMs`, then interrupts them. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    for (const lane of this.running.values()) lane.wake?.();
    const all = Promise.all([...this.running.values()].map((lane) => lane.done));
    const timer = setTimeout(() => this.killing.abort(new Error('stopping')), graceMs);
    await Promise.all([all, this.sweeping]);
    clearTimeout(timer);
  }

  private launch(key: string, claim: () => Promise<Lane | undefined>): void {
    const running: Running = {
      wakes: 0,
      wake: undefined,
      done: Promise.resolve().then(async () => {
        try {
          const lane = await claim();
          if (lane !== undefined) await this.runLane(lane, running);
        } catch (error) {
          this.deps.logger.error({ error }, 'a lane ended with an error; the sweep will take it up');
        } finally {
          this.running.delete(key);
        }
      }),
    };
    this.running.set(key, running);
  }

  private async runLane(lane: Lane, running: Running): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, this.killing.signal]);
    const renewal = setInterval(() => {
      this.deps.lanes.renew(lane, LEASE_MS).then(
        (kept) => kept || lost.abort(new Error('the lane was taken over')),
        (error: unknown) => this.deps.logger.warn({ error }, 'a lane could not be renewed'),
      );
    }, RENEW_EVERY_MS);
    try {
      let outcome: LaneOutcome;
      let seen: number;
      do {
        seen = running.wakes;
        outcome = await this.deps.work.run(lane, this.wakesOf(running), signal);
      } while (running.wakes !== seen && !signal.aborted && !this.stopping.signal.aborted);
      if (!lost.signal.aborted) await this.deps.lanes.release(lane, this.dueAfter(outcome, running, seen));
    } finally {
      clearInterval(renewal);
    }
  }

  private dueAfter(outcome: LaneOutcome, running: Running, seen: number): Date | undefined {
    return running.wakes === seen && !this.killing.signal.aborted ? outcome.nextDueAt : this.deps.clock.now();
  }

  private wakesOf(running: Running): LaneWakes {
    return {
      pause: (ms, signal) => {
        const seen = running.wakes;
        return new Promise((resolve) => {
          const end = (): void => {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            running.wake = undefined;
            resolve();
          };
          const timer = setTimeout(end, ms);
          running.wake = end;
          signal.addEventListener('abort', end, { once: true });
          if (signal.aborted || running.wakes !== seen || this.stopping.signal.aborted) end();
        });
      },
    };
  }

  private async sweep(): Promise<void> {
    const { lanes, owner, clock, logger } = this.deps;
    while (!this.stopping.signal.aborted) {
      try {
        while (this.running.size < MAX_LANES && !this.stopping.signal.aborted) {
          const lane = await lanes.claimDue(owner, LEASE_MS);
          if (lane === undefined) break;
          const key = laneKey(lane.tenantId, lane.conversationId);
          const active = this.running.get(key);
          if (active === undefined) this.launch(key, () => Promise.resolve(lane));
          else await active.done;
        }
      } catch (error) {
        logger.warn({ error }, 'the sweep could not reach the store');
      }
      await clock.sleep(SWEEP_EVERY_MS, this.stopping.signal).catch(() => undefined);
    }
  }
}

function laneKey(tenantId: string, conversationId: string): string {
  return `${tenantId}/${conversationId}`;
}
