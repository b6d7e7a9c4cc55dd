import type { Clock, Logger } from '../contracts/runtime.js';
import type { Contact, Conversation, Lane, LaneRest, LaneStore, Recalled } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';
import { OVER } from '../lib/time/clock.js';
import { keepLease, LEASE_MS } from '../lib/work/keep-lease.js';
import { Poll } from '../lib/work/poll.js';

/** How often to look for lanes left behind by other processes, in ms. */
const SWEEP_EVERY_MS = 1_000;
/** The same where only answers that are ready to be sent are swept up, in ms. */
const SWEEP_CONNECTED_EVERY_MS = 250;
/** Lanes one process works on concurrently; the sweep picks up the rest later. */
const MAX_LANES = 256;
/** Delay before retrying a lane whose work failed, in ms. */
const AFTER_ERROR_MS = 5_000;
/** A lane opened longer ago than this is renewed before work starts, in ms. */
const FRESH_MS = 2_000;
/** A lane due within this time gets its own timer, because the sweep could be up to a second late. In ms. */
const SOON_MS = 60_000;
const RELEASE_TRIES = 5;
const RELEASE_RETRY_MS = 1_000;

/** Work that is postponed. */
export type PostponedWork = Required<Pick<LaneRest, 'nextDueAt'>> & LaneRest;

/** The event a lane was opened for, with what was read while storing it. */
export interface Arrival {
  readonly item: InboxEvent;
  readonly conversation: Conversation;
  readonly contact: Contact;
  /** Set if both are remembered from the previous message and were not read again. */
  readonly recalled?: Recalled | undefined;
}

export interface LaneWork {
  /**
   * Does all the work in the lane. `wakes` cuts its waits short when something new arrives. An `arrival`
   * means that nothing else was waiting when the lane was opened.
   */
  run(lane: Lane, wakes: LaneWakes, signal: AbortSignal, arrival?: Arrival): Promise<LaneRest>;
}

/** A lane that is being secured while its event is being stored. */
export interface EnteredLane {
  /** Resolves when the lane is durable. */
  readonly marked: Promise<void>;
  /** Must be called once the event is stored or has failed to be; work on the lane starts only then. */
  go(arrival?: Arrival): void;
}

interface TakenLane {
  readonly lane: Lane;
  readonly arrival?: Arrival | undefined;
}

/** Notifies a running lane that something new was stored for it. */
export interface LaneWakes {
  /** Resolves after `ms`, at the next wake, when the worker stops, or when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Finish the current work but start nothing new. */
  readonly stopping: boolean;
  /** Everything this lane was opened for is done; anything that arrives from now on opens a new lane. */
  ending(): void;
}

interface Ending {
  readonly over: Promise<void>;
  readonly end: () => void;
}

interface Running {
  wakes: number;
  /** Wakes the work has already responded to. */
  handledWakes: number;
  wake: (() => void) | undefined;
  /** Set while the lane is being released, until it is released or turns out to continue. */
  ending: Ending | undefined;
  /** Aborted when the work must be broken off, and at the latest when it is over. */
  readonly over: AbortController;
  readonly done: Promise<void>;
}

export interface LaneWorkerDependencies {
  readonly lanes: LaneStore;
  readonly owner: string;
  readonly work: LaneWork;
  /** Accounts whose connection this process holds. */
  readonly connections: ReadonlySet<string>;
  /** Learns what the process that worked on a lane before may know. Never rejects. */
  readonly catchUp?: () => Promise<void>;
  /** Sweeps up only lanes that need one of these connections. */
  readonly onlyConnected?: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs lanes in this process, each in a single loop, and sweeps up those other processes left behind. */
export class LaneWorker {
  private readonly running = new Map<string, Running>();
  /** In progress; the store must not close before they finish. */
  private readonly marks = new Set<Promise<void>>();
  /** Timers for lanes that are due again soon. */
  private readonly alarms = new Set<NodeJS.Timeout>();
  private readonly stopping = new AbortController();
  private started = false;
  private sweeping: Promise<void> | undefined;

  constructor(private readonly deps: LaneWorkerDependencies) {}

  /** Starts running woken lanes and, with `sweeps`, those other processes left behind. */
  start({ sweeps }: { readonly sweeps: boolean }): void {
    this.started = true;
    if (sweeps) this.sweeping = this.sweep();
  }

  /**
   * Announces that something will be stored in this lane. A new lane is created and claimed in one step, so
   * that nothing comes between the event and its answer. If the process dies before `go`, it leaves an empty
   * lane, which is found when its lease ends.
   */
  enter(tenantId: string, conversationId: string, dueAt: Date): EnteredLane {
    const { lanes, owner, clock } = this.deps;
    const ending = this.running.get(laneKey(tenantId, conversationId))?.ending;
    if (ending !== undefined) {
      // For somebody who replies immediately, waiting a moment costs far less than reading through the lane
      // that is being released.
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
    const opening = lanes.open(tenantId, conversationId, owner, LEASE_MS);
    let go: EnteredLane['go'] = () => undefined;
    const arrivalReady = new Promise<Arrival | undefined>((resolve) => {
      go = resolve;
    });
    this.launch(tenantId, conversationId, async () => {
      const arrival = await arrivalReady;
      const lane = await opening;
      const isFresh = clock.monotonicMs() - openedMs < FRESH_MS;
      if (lane !== undefined && (isFresh || (await lanes.renew(lane, LEASE_MS)))) return { lane, arrival };
      return this.claim(tenantId, conversationId);
    });
    const marked = opening.then((lane) =>
      lane === undefined ? lanes.mark(tenantId, conversationId, dueAt) : undefined,
    );
    // The caller awaits it later, after steps that may fail first.
    marked.catch(() => undefined);
    return { marked, go };
  }

  /**
   * Something new is stored in this lane: run it now, in this process. If that is impossible, mark the lane
   * again, because its owner is certain to see only a mark made after the event was stored.
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

  /** Whether this process is at work on the conversation, or about to be. */
  isRunning(tenantId: string, conversationId: string): boolean {
    return this.running.has(laneKey(tenantId, conversationId));
  }

  private mayLaunch(tenantId: string, conversationId: string): boolean {
    const takesLanes = this.started && !this.stopping.signal.aborted;
    return (
      takesLanes && this.running.size < MAX_LANES && !this.running.has(laneKey(tenantId, conversationId))
    );
  }

  /** Claims no new lanes, gives running ones `graceMs` to finish, then aborts them. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    for (const alarm of this.alarms) clearTimeout(alarm);
    for (const lane of this.running.values()) lane.wake?.();
    const all = Promise.all([...this.running.values()].map((lane) => lane.done));
    const timer = setTimeout(() => {
      for (const lane of this.running.values()) lane.over.abort(new Error('stopping'));
    }, graceMs);
    await Promise.all([all, this.sweeping]);
    await Promise.all(this.marks);
    clearTimeout(timer);
  }

  /**
   * Either another process holds the lane, or one removed it before seeing the event and it must be
   * recreated.
   */
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
      handledWakes: 0,
      wake: undefined,
      ending: undefined,
      over: new AbortController(),
      done: Promise.resolve().then(async () => {
        try {
          const lane = await take();
          if (lane !== undefined) await this.runLane(lane, running);
        } catch (error) {
          this.deps.logger.error({ error }, 'a lane could not be taken or given back; the sweep finds it');
        } finally {
          this.running.delete(key);
          goesOn(running);
          if (running.wakes !== running.handledWakes) this.wake(tenantId, conversationId);
        }
      }),
    };
    this.running.set(key, running);
  }

  private async runLane({ lane, arrival }: TakenLane, running: Running): Promise<void> {
    const lease = keepLease(lane, this.deps);
    const signal = AbortSignal.any([lease.lost, running.over.signal]);
    try {
      if (arrival === undefined) await this.deps.catchUp?.();
      const rest = await this.work(lane, arrival, running, signal);
      if (lease.lost.aborted) return;
      const now = (): LaneRest => ({ ...rest, nextDueAt: this.deps.clock.now() });
      await this.giveBack(lane, () => (running.wakes === running.handledWakes ? rest : now()));
    } finally {
      lease.stop();
      // Node keeps signals that were made from this one until it aborts, with all that listens to them.
      running.over.abort(OVER);
    }
  }

  /** Works until nothing new has arrived in the meantime; returns when to look again. */
  private async work(
    lane: Lane,
    arrival: Arrival | undefined,
    running: Running,
    signal: AbortSignal,
  ): Promise<LaneRest> {
    const { clock, logger } = this.deps;
    try {
      for (let first = arrival; ; first = undefined) {
        running.handledWakes = running.wakes;
        goesOn(running);
        const rest = await this.deps.work.run(lane, this.wakesOf(running), signal, first);
        if (running.wakes === running.handledWakes || signal.aborted || this.stopping.signal.aborted)
          return rest;
        await rest.lastWrite?.send();
      }
    } catch (error) {
      if (running.over.signal.aborted) return { nextDueAt: clock.now() };
      const { tenantId, conversationId } = lane;
      logger.error({ error, tenantId, conversationId }, 'a lane ended with an error and will be resumed');
      return { nextDueAt: new Date(clock.now().getTime() + AFTER_ERROR_MS) };
    }
  }

  /** Retries, so that a brief store outage does not make the next owner wait for the lease to expire. */
  private async giveBack(lane: Lane, rest: () => LaneRest): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const left = rest();
        await this.deps.lanes.release(lane, left);
        const { nextDueAt, needs } = left;
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
        if (running.wakes === running.handledWakes) running.ending ??= newEnding();
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
    const { clock, logger, onlyConnected } = this.deps;
    const everyMs = onlyConnected === true ? SWEEP_CONNECTED_EVERY_MS : SWEEP_EVERY_MS;
    const failure = 'the sweep could not reach the store';
    const poll = new Poll(() => this.takeDueLanes(), { everyMs, failure, clock, logger });
    await poll.once();
    await poll.keepLooking(this.stopping.signal);
  }

  private async takeDueLanes(): Promise<void> {
    const { lanes, clock } = this.deps;
    while (this.running.size < MAX_LANES && !this.stopping.signal.aborted) {
      const lane = await this.claimDue();
      if (lane === undefined) return;
      const { tenantId, conversationId } = lane;
      if (!this.running.has(laneKey(tenantId, conversationId))) {
        this.launch(tenantId, conversationId, () => Promise.resolve({ lane }));
        continue;
      }
      // This process was suspended and lost the lane; its old loop is about to notice.
      await lanes.release(lane, { nextDueAt: new Date(clock.now().getTime() + SWEEP_EVERY_MS) });
    }
  }

  private async claimDue(): Promise<Lane | undefined> {
    const { lanes, owner, connections, onlyConnected } = this.deps;
    if (onlyConnected !== true) return lanes.claimDue(owner, LEASE_MS, [...connections]);
    return connections.size === 0 ? undefined : lanes.claimConnected(owner, LEASE_MS, [...connections]);
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
