import type { Clock, Logger } from '../contracts/runtime.js';
import type { Contact, Conversation, Lane, LaneStore, Recalled } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';
import { keepLease, LEASE_MS } from '../lib/keep-lease.js';

/** How often lanes left by other processes are looked for, in ms. */
const SWEEP_EVERY_MS = 1_000;
/** Lanes worked on at the same time by one process; more of them wait for the sweep. */
const MAX_LANES = 256;
/** A lane whose work failed is looked at again after this, in ms. */
const AFTER_ERROR_MS = 5_000;
/** A lane opened longer ago than this is renewed before it is worked on, in ms. */
const FRESH_MS = 2_000;
/** A lane that is due again within this is remembered here: the sweep would find it up to a second late. In ms. */
const SOON_MS = 60_000;
const RELEASE_TRIES = 5;
const RELEASE_RETRY_MS = 1_000;

/** What one look at a lane ended with. */
export interface LaneOutcome {
  /** When it must be looked at again; absent when nothing is left to do. */
  readonly nextDueAt?: Date;
  /** The account whose connection the rest goes through. */
  readonly needs?: string;
}

/** The event a lane was opened for, with what was read while it was stored. */
export interface Arrival {
  readonly item: InboxEvent;
  readonly conversation: Conversation;
  readonly contact: Contact;
  /** Both are known from the message before, and were not looked up. */
  readonly recalled?: Recalled | undefined;
}

export interface LaneWork {
  /**
   * Does all there is to do in the lane. `wakes` aborts its waits when something new arrived.
   * With an `arrival` nothing else waited in the lane when it was opened.
   */
  run(lane: Lane, wakes: LaneWakes, signal: AbortSignal, arrival?: Arrival): Promise<LaneOutcome>;
}

/** A lane made sure of for an event that is being stored. */
export interface EnteredLane {
  /** Resolves when the lane is durable. */
  readonly marked: Promise<void>;
  /** Must be called once the event is stored, or will not be: only then the lane is worked on. */
  go(arrival?: Arrival): void;
}

interface TakenLane {
  readonly lane: Lane;
  readonly arrival?: Arrival | undefined;
}

/** Tells a running lane that something new was stored for it. */
export interface LaneWakes {
  /** Resolves after `ms`, at the next wake, when the worker stops, or when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Finish what is begun, begin nothing new. */
  readonly stopping: boolean;
  /** All is done that this lane was opened for: what comes from now on gets a lane of its own. */
  ending(): void;
}

interface Ending {
  readonly over: Promise<void>;
  readonly end: () => void;
}

interface Running {
  wakes: number;
  /** The wakes that the work has looked for. */
  seen: number;
  wake: (() => void) | undefined;
  /** There while the lane only has to be given back, or it turns out that it goes on. */
  ending: Ending | undefined;
  readonly done: Promise<void>;
}

export interface LaneWorkerDependencies {
  readonly lanes: LaneStore;
  readonly owner: string;
  readonly work: LaneWork;
  /** Accounts whose connection this process holds. */
  readonly connections: ReadonlySet<string>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs lanes in this process, each by one loop at a time, and sweeps up what others left. */
export class LaneWorker {
  private readonly running = new Map<string, Running>();
  /** Under way: the store is not closed under them. */
  private readonly marks = new Set<Promise<void>>();
  /** For lanes that are due again soon. */
  private readonly alarms = new Set<NodeJS.Timeout>();
  private readonly stopping = new AbortController();
  private readonly killing = new AbortController();
  private started = false;
  private sweeping: Promise<void> | undefined;

  constructor(private readonly deps: LaneWorkerDependencies) {}

  /** From now on lanes are run here: those that are woken, and with `sweeps` those that others left. */
  start({ sweeps }: { readonly sweeps: boolean }): void {
    this.started = true;
    if (sweeps) this.sweeping = this.sweep();
  }

  /**
   * Something is about to be stored in this lane. A new lane is taken in the step that makes it,
   * so that no second one stands between the event and its answer; a process that dies before
   * `go` holds an empty lane, which is found when its lease ends.
   */
  enter(tenantId: string, conversationId: string, dueAt: Date): EnteredLane {
    const { lanes, owner, clock } = this.deps;
    const ending = this.running.get(laneKey(tenantId, conversationId))?.ending;
    if (ending !== undefined) {
      // Whoever writes again as soon as the answer is there: a moment later costs far less than
      // looking through the lane that is being given back.
      const entered = ending.over.then(() => this.enter(tenantId, conversationId, dueAt));
      return {
        marked: entered.then(({ marked }) => marked),
        go: (arrival) => void entered.then(({ go }) => go(arrival)),
      };
    }
    if (!this.mayLaunch(tenantId, conversationId)) {
      const marked = lanes.mark(tenantId, conversationId, dueAt);
      return { marked, go: () => this.wake(tenantId, conversationId) };
    }
    const openedMs = clock.monotonicMs();
    const opened = lanes.open(tenantId, conversationId, owner, LEASE_MS);
    let go: EnteredLane['go'] = () => undefined;
    const arrivalReady = new Promise<Arrival | undefined>((resolve) => {
      go = resolve;
    });
    this.launch(tenantId, conversationId, async () => {
      const arrival = await arrivalReady;
      const lane = await opened;
      const isFresh = clock.monotonicMs() - openedMs < FRESH_MS;
      if (lane !== undefined && (isFresh || (await lanes.renew(lane, LEASE_MS)))) return { lane, arrival };
      return this.claim(tenantId, conversationId);
    });
    const marked = opened.then((lane) =>
      lane === undefined ? lanes.mark(tenantId, conversationId, dueAt) : undefined,
    );
    // Whoever stores the event waits for it later, after what may fail first.
    marked.catch(() => undefined);
    return { marked, go };
  }

  /**
   * Something new is stored in this lane: runs it now, here. Where that cannot be, the lane is
   * marked again: only a mark made after the event was stored cannot be missed by its owner.
   */
  wake(tenantId: string, conversationId: string): void {
    const key = laneKey(tenantId, conversationId);
    const active = this.running.get(key);
    if (active !== undefined) {
      active.wakes += 1;
      active.wake?.();
      return;
    }
    if (this.mayLaunch(tenantId, conversationId)) {
      this.launch(tenantId, conversationId, () => this.claim(tenantId, conversationId));
    } else {
      const mark = this.deps.lanes
        .mark(tenantId, conversationId, this.deps.clock.now())
        .catch((error: unknown) => {
          this.deps.logger.warn({ error }, 'a lane could not be marked as due');
        })
        .finally(() => this.marks.delete(mark));
      this.marks.add(mark);
    }
  }

  private mayLaunch(tenantId: string, conversationId: string): boolean {
    const takesLanes = this.started && !this.stopping.signal.aborted;
    return (
      takesLanes && this.running.size < MAX_LANES && !this.running.has(laneKey(tenantId, conversationId))
    );
  }

  /** Takes no new lane, lets running ones finish for `graceMs`, then interrupts them. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    for (const alarm of this.alarms) clearTimeout(alarm);
    for (const lane of this.running.values()) lane.wake?.();
    const all = Promise.all([...this.running.values()].map((lane) => lane.done));
    const timer = setTimeout(() => this.killing.abort(new Error('stopping')), graceMs);
    await Promise.all([all, this.sweeping]);
    await Promise.all(this.marks);
    clearTimeout(timer);
  }

  /** Held by another process, or removed by one that had not seen the event yet: then it is created again. */
  private async claim(tenantId: string, conversationId: string): Promise<TakenLane | undefined> {
    const { lanes, owner, clock } = this.deps;
    const claim = (): Promise<Lane | undefined> => lanes.claim(tenantId, conversationId, owner, LEASE_MS);
    let lane = await claim();
    if (lane === undefined) {
      await lanes.mark(tenantId, conversationId, clock.now());
      lane = await claim();
    }
    return lane === undefined ? undefined : { lane };
  }

  private launch(tenantId: string, conversationId: string, take: () => Promise<TakenLane | undefined>): void {
    const key = laneKey(tenantId, conversationId);
    const running: Running = {
      wakes: 0,
      seen: 0,
      wake: undefined,
      ending: undefined,
      done: Promise.resolve().then(async () => {
        try {
          const lane = await take();
          if (lane !== undefined) await this.runLane(lane, running);
        } catch (error) {
          this.deps.logger.error({ error }, 'a lane could not be taken or given back; the sweep finds it');
        } finally {
          this.running.delete(key);
          goesOn(running);
          if (running.wakes !== running.seen) this.wake(tenantId, conversationId);
        }
      }),
    };
    this.running.set(key, running);
  }

  private async runLane({ lane, arrival }: TakenLane, running: Running): Promise<void> {
    const lease = keepLease(lane, this.deps);
    const signal = AbortSignal.any([lease.lost, this.killing.signal]);
    try {
      const outcome = await this.work(lane, arrival, running, signal);
      if (lease.lost.aborted) return;
      const now = (): LaneOutcome => ({ nextDueAt: this.deps.clock.now() });
      await this.giveBack(lane, () => (running.wakes === running.seen ? outcome : now()));
    } finally {
      lease.stop();
    }
  }

  /** Works until nothing new came meanwhile; returns when to look again. */
  private async work(
    lane: Lane,
    arrival: Arrival | undefined,
    running: Running,
    signal: AbortSignal,
  ): Promise<LaneOutcome> {
    const { clock, logger } = this.deps;
    try {
      for (let first = arrival; ; first = undefined) {
        running.seen = running.wakes;
        goesOn(running);
        const outcome = await this.deps.work.run(lane, this.wakesOf(running), signal, first);
        if (running.wakes === running.seen || signal.aborted || this.stopping.signal.aborted) return outcome;
      }
    } catch (error) {
      if (this.killing.signal.aborted) return { nextDueAt: clock.now() };
      const { tenantId, conversationId } = lane;
      logger.error({ error, tenantId, conversationId }, 'a lane ended with an error and is taken up again');
      return { nextDueAt: new Date(clock.now().getTime() + AFTER_ERROR_MS) };
    }
  }

  /** A store that is briefly unreachable must not make the next owner wait for the lease to expire. */
  private async giveBack(lane: Lane, outcome: () => LaneOutcome): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const { nextDueAt, needs } = outcome();
        await this.deps.lanes.release(lane, nextDueAt, needs);
        if (needs === undefined || this.deps.connections.has(needs)) this.wakeAt(lane, nextDueAt);
        return;
      } catch (error) {
        if (tries === RELEASE_TRIES || this.stopping.signal.aborted) throw error;
        await this.deps.clock.sleep(RELEASE_RETRY_MS, this.stopping.signal).catch(() => undefined);
      }
    }
  }

  private wakeAt({ tenantId, conversationId }: Lane, dueAt: Date | undefined): void {
    const waitMs = (dueAt?.getTime() ?? Infinity) - this.deps.clock.now().getTime();
    if (waitMs <= 0 || waitMs > SOON_MS || this.stopping.signal.aborted) return;
    const alarm = setTimeout(() => {
      this.alarms.delete(alarm);
      if (this.mayLaunch(tenantId, conversationId)) this.wake(tenantId, conversationId);
    }, waitMs);
    alarm.unref();
    this.alarms.add(alarm);
  }

  private wakesOf(running: Running): LaneWakes {
    const stopping = this.stopping.signal;
    let noticed = running.wakes;
    return {
      get stopping() {
        return stopping.aborted;
      },
      ending: () => {
        if (running.wakes === running.seen) running.ending ??= newEnding();
      },
      pause: (ms, signal) =>
        new Promise((resolve) => {
          const end = (): void => {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            running.wake = undefined;
            noticed = running.wakes;
            resolve();
          };
          const timer = setTimeout(end, ms);
          running.wake = end;
          signal.addEventListener('abort', end, { once: true });
          if (signal.aborted || running.wakes !== noticed || stopping.aborted) end();
        }),
    };
  }

  private async sweep(): Promise<void> {
    const { clock, logger } = this.deps;
    while (!this.stopping.signal.aborted) {
      try {
        await this.takeDueLanes();
      } catch (error) {
        logger.warn({ error }, 'the sweep could not reach the store');
      }
      await clock.sleep(SWEEP_EVERY_MS, this.stopping.signal).catch(() => undefined);
    }
  }

  private async takeDueLanes(): Promise<void> {
    const { lanes, owner, clock, connections } = this.deps;
    while (this.running.size < MAX_LANES && !this.stopping.signal.aborted) {
      const lane = await lanes.claimDue(owner, LEASE_MS, [...connections]);
      if (lane === undefined) return;
      const { tenantId, conversationId } = lane;
      if (!this.running.has(laneKey(tenantId, conversationId))) {
        this.launch(tenantId, conversationId, () => Promise.resolve({ lane }));
        continue;
      }
      // This process paused, lost the lane, and its loop is about to notice.
      await lanes.release(lane, new Date(clock.now().getTime() + SWEEP_EVERY_MS));
    }
  }
}

function newEnding(): Ending {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end: () => end() };
}

function goesOn(running: Running): void {
  running.ending?.end();
  running.ending = undefined;
}

function laneKey(tenantId: string, conversationId: string): string {
  return `${tenantId}/${conversationId}`;
}
