import { abortReason, OVER } from '../lib/time/clock.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import type { Turn, TurnEvent, TurnListener } from '../contracts/turn.js';

/** How long a waiter relies on this process to answer before it checks the store, in ms. */
const FIRST_LOOK_MS = 500;
const LOOK_EVERY_MS = 500;
/** Recent answers, kept for callers who start waiting just after they were produced. */
const KEPT_ANSWERS = 256;

/**
 * Connects whoever waits for an answer with the lane that produces it: immediately within this process,
 * through the store if another process answers.
 */
export class AnswerBoard {
  private readonly listeners = new Map<string, Set<TurnListener>>();
  private readonly waiters = new Map<string, Set<(turn: Turn) => void>>();
  private readonly newest = new Map<string, Turn>();

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  listen(scope: TenantScope, eventKey: string, listener: TurnListener): void {
    add(this.listeners, boardKey(scope, eventKey), listener);
  }

  emit(scope: TenantScope, eventKeys: readonly string[], event: TurnEvent): void {
    for (const key of eventKeys) {
      for (const listener of this.listeners.get(boardKey(scope, key)) ?? []) {
        try {
          listener(event);
        } catch (error) {
          // The answer is for everyone who asked: one broken listener must not spoil it for the others.
          this.logger.warn({ error }, 'a listener of a turn failed');
        }
      }
    }
  }

  publish(scope: TenantScope, turn: Turn): void {
    for (const eventKey of turn.eventIds) {
      const key = boardKey(scope, eventKey);
      for (const waiter of this.waiters.get(key) ?? []) waiter(turn);
      this.waiters.delete(key);
      this.listeners.delete(key);
      this.keep(key, turn);
    }
  }

  /** While `isMadeHere` the store is not asked: the answer is announced in this process. */
  async wait(
    scope: TenantScope,
    eventKey: string,
    signal: AbortSignal,
    isMadeHere: () => boolean,
  ): Promise<Turn> {
    const key = boardKey(scope, eventKey);
    const newest = this.newest.get(key);
    if (newest !== undefined) return newest;
    const done = new AbortController();
    const onAbort = (): void => done.abort(abortReason(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    let waiter: ((turn: Turn) => void) | undefined;
    const published = new Promise<Turn>((resolve, reject) => {
      waiter = resolve;
      add(this.waiters, key, resolve);
      done.signal.addEventListener('abort', () => reject(abortReason(done.signal)), { once: true });
    });
    try {
      return await Promise.race([published, this.look(scope, eventKey, done.signal, isMadeHere)]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      done.abort(OVER);
      published.catch(() => undefined);
      if (waiter !== undefined) remove(this.waiters, key, waiter);
      // Another caller may still be listening for the same event.
      if (!this.waiters.has(key)) this.listeners.delete(key);
    }
  }

  private keep(key: string, turn: Turn): void {
    this.newest.set(key, turn);
    const [oldest] = this.newest.keys();
    if (this.newest.size > KEPT_ANSWERS && oldest !== undefined) this.newest.delete(oldest);
  }

  private async look(
    scope: TenantScope,
    eventKey: string,
    signal: AbortSignal,
    isMadeHere: () => boolean,
  ): Promise<Turn> {
    await this.clock.sleep(FIRST_LOOK_MS, signal);
    for (;;) {
      const turn = isMadeHere() ? undefined : await scope.turns.answering(eventKey);
      if (turn !== undefined && turn.status !== 'open') return turn;
      await this.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}

function boardKey(scope: TenantScope, eventKey: string): string {
  return `${scope.tenantId}/${eventKey}`;
}

function add<Value>(map: Map<string, Set<Value>>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}

function remove<Value>(map: Map<string, Set<Value>>, key: string, value: Value): void {
  const values = map.get(key);
  values?.delete(value);
  if (values?.size === 0) map.delete(key);
}
