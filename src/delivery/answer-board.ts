import { abortReason } from '../lib/clock.js';
import type { Clock } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import type { Turn, TurnEvent, TurnListener } from '../contracts/turn.js';

/** How long a waiter trusts this process to answer before it looks into the store, in ms. */
const FIRST_LOOK_MS = 500;
const LOOK_EVERY_MS = 500;

/**
 * Where those who wait for an answer meet the lane that makes it: at once inside this process,
 * through the store when another process answers.
 */
export class AnswerBoard {
  private readonly listeners = new Map<string, Set<TurnListener>>();
  private readonly waiters = new Map<string, Set<(turn: Turn) => void>>();

  constructor(private readonly clock: Clock) {}

  listen(scope: TenantScope, eventKey: string, listener: TurnListener): void {
    add(this.listeners, boardKey(scope, eventKey), listener);
  }

  emit(scope: TenantScope, eventKeys: readonly string[], event: TurnEvent): void {
    for (const key of eventKeys) {
      for (const listener of this.listeners.get(boardKey(scope, key)) ?? []) listener(event);
    }
  }

  publish(scope: TenantScope, turn: Turn): void {
    for (const eventKey of turn.eventIds) {
      const key = boardKey(scope, eventKey);
      for (const waiter of this.waiters.get(key) ?? []) waiter(turn);
      this.waiters.delete(key);
      this.listeners.delete(key);
    }
  }

  async wait(scope: TenantScope, eventKey: string, signal: AbortSignal): Promise<Turn> {
    const key = boardKey(scope, eventKey);
    const done = new AbortController();
    const ends = AbortSignal.any([signal, done.signal]);
    let waiter: ((turn: Turn) => void) | undefined;
    const here = new Promise<Turn>((resolve, reject) => {
      waiter = resolve;
      add(this.waiters, key, resolve);
      ends.addEventListener('abort', () => reject(abortReason(signal)), { once: true });
    });
    try {
      return await Promise.race([here, this.look(scope, eventKey, ends)]);
    } finally {
      done.abort();
      here.catch(() => undefined);
      if (waiter !== undefined) remove(this.waiters, key, waiter);
      this.listeners.delete(key);
    }
  }

  private async look(scope: TenantScope, eventKey: string, signal: AbortSignal): Promise<Turn> {
    await this.clock.sleep(FIRST_LOOK_MS, signal);
    for (;;) {
      const turn = await scope.turns.answering(eventKey);
      if (turn !== undefined) return turn;
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
