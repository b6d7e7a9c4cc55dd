import { createHmac, randomBytes } from 'node:crypto';
import type { Events, EventType } from '../contracts/events.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../contracts/queue.js';
import type { Clock, Logger, MakeId } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { decrypt, encrypt } from '../lib/encrypt.js';
import { oncePer } from '../lib/work/once-per.js';
import { OutboundError, type GuardedFetch } from '../lib/net/guarded-fetch.js';
import { retryAfterMs } from '../lib/net/retry-after.js';
import { guardTime } from './arm.js';
import type { Hook, HookDelivery } from './hook.js';
import { hookStore } from './hook-store.js';
import { ReceiverLoad } from './receiver-load.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Waits between attempts, in ms: about a day in total. */
const WAITS_MS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  8 * HOUR,
];
const TIMEOUT_MS = 10_000;
/** The response is discarded. */
const READ_BYTES = 1_024;
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;
const GONE = 410;
/** The longest wait a receiver may ask for, in ms. */
const LONGEST_WAIT_MS = 24 * HOUR;
/** How soon a delivery waiting behind an earlier one is checked again if nothing wakes it, in ms. */
const BEHIND_MS = 30 * SECOND;

const hookJob = defineJob<{ readonly hookId: string; readonly deliveryId: string }>('automation.hook', {
  concurrency: 64,
});

export interface HookDependencies {
  readonly outbound: GuardedFetch;
  readonly queue: JobQueue;
  /** Seals the hooks' secrets; 32 bytes. */
  readonly sealingKey: Uint8Array;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly logger: Logger;
  /** How long a receiver may take to respond, in ms; 10 s by default. */
  readonly timeoutMs?: number;
}

/** Notifies businesses of events at their own addresses, following the Standard Webhooks convention. */
export class Hooks implements Events {
  private lastOrder = 0;
  private readonly load: ReceiverLoad;
  private readonly hooksOf = oncePer((scope: TenantScope) => scope.store(hookStore).all());

  constructor(private readonly deps: HookDependencies) {
    this.load = new ReceiverLoad(deps.clock);
  }

  jobs(): readonly Job[] {
    return [
      handleJob(hookJob, {
        run: (scope, { hookId, deliveryId }, { signal }) => this.deliver(scope, hookId, deliveryId, signal),
        givenUp: async (scope, { deliveryId }) => {
          const change = { status: 'dead', lastError: 'internal' } as const;
          await scope.store(hookStore).changeDelivery(deliveryId, ['pending'], change);
        },
      }),
    ];
  }

  /** Returns the secret, which is never shown again. */
  async create(
    scope: TenantScope,
    url: string,
    events: readonly EventType[],
  ): Promise<{ readonly hook: Hook; readonly secret: string }> {
    const { clock, makeId, sealingKey } = this.deps;
    const id = makeId('hook');
    const key = randomBytes(SECRET_BYTES);
    const sealedSecret = encrypt(sealingKey, key, placeOf(scope, id));
    const hook = { id, url, events, sealedSecret, createdAt: clock.now() };
    await scope.store(hookStore).insert(hook);
    this.hooksOf.forget(scope);
    return { hook, secret: `${SECRET_PREFIX}${key.toString('base64')}` };
  }

  async remove(scope: TenantScope, id: string): Promise<boolean> {
    const removed = await scope.store(hookStore).remove(id);
    this.hooksOf.forget(scope);
    return removed;
  }

  async emit(scope: TenantScope, type: EventType, data: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      const wanting = (await this.hooksOf(scope)).filter(({ events }) => events.includes(type));
      await Promise.all(wanting.map((hook) => this.send(scope, hook, type, data)));
    } catch (error) {
      this.deps.logger.error(
        { error, type, tenantId: scope.tenantId },
        'an event could not be stored for its hooks',
      );
    }
  }

  /** Stored durably once resolved. */
  async send(
    scope: TenantScope,
    hook: Hook,
    type: HookDelivery['type'],
    data: Readonly<Record<string, unknown>>,
  ): Promise<HookDelivery> {
    const { clock, makeId } = this.deps;
    const id = makeId('msg');
    const now = clock.now();
    const payload = { id, type, created_at: now.toISOString(), tenant_id: scope.tenantId, data };
    const delivery: HookDelivery = {
      id,
      hookId: hook.id,
      type,
      body: JSON.stringify(payload),
      about: ['id', 'merged_id', 'contact_id', 'conversation_id', 'message_id'].flatMap((name) => {
        const value = data[name];
        return typeof value === 'string' ? [value] : [];
      }),
      ...placeInOrder(type, data, () => this.nextOrder(now)),
      status: 'pending',
      attempts: 0,
      nextAttemptAt: now,
      createdAt: now,
    };
    // A crash between the two leaves a job that finds nothing, never a delivery without a job.
    await this.arm(scope, delivery, guardTime(this.deps));
    await scope.store(hookStore).insertDelivery(delivery);
    await this.arm(scope, delivery, now);
    return delivery;
  }

  /** Tries again now, whether it is waiting or dead. `undefined`: it was delivered, or does not exist. */
  async retry(scope: TenantScope, id: string): Promise<HookDelivery | undefined> {
    const now = this.deps.clock.now();
    const change = { status: 'pending', nextAttemptAt: now } as const;
    const store = scope.store(hookStore);
    const delivery = await store.changeDelivery(id, ['pending', 'dead'], change);
    if (delivery === undefined) return undefined;
    await this.arm(scope, delivery, now);
    // Also hurries the delivery that this one waits behind.
    await this.armNext(scope, delivery);
    return delivery;
  }

  /** A hook receives the events of one contact in order: the next is sent once the previous one is done. */
  private async armNext(scope: TenantScope, { id, hookId, contactId }: HookDelivery): Promise<void> {
    if (contactId === undefined) return;
    const next = await scope.store(hookStore).firstPending(hookId, contactId);
    if (next !== undefined && next.id !== id) await this.arm(scope, next, this.deps.clock.now());
  }

  /** Increases within this process even if the clock stands still. */
  private nextOrder(now: Date): number {
    this.lastOrder = Math.max(this.lastOrder + 1, now.getTime() * 1_000);
    return this.lastOrder;
  }

  private async arm(scope: TenantScope, { id, hookId }: HookDelivery, at: Date): Promise<void> {
    await this.deps.queue.enqueue(hookJob, scope.tenantId, { hookId, deliveryId: id }, { key: id, at });
  }

  private async deliver(
    scope: TenantScope,
    hookId: string,
    deliveryId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const store = scope.store(hookStore);
    const [hook, delivery] = await Promise.all([store.get(hookId), store.delivery(hookId, deliveryId)]);
    if (hook === undefined || delivery?.status !== 'pending') return;
    const first =
      delivery.contactId === undefined ? undefined : await store.firstPending(hookId, delivery.contactId);
    if (first !== undefined && first.id !== deliveryId) {
      const later = new Date(this.deps.clock.now().getTime() + BEHIND_MS);
      const due = first.nextAttemptAt ?? later;
      await this.arm(scope, delivery, due > later ? due : later);
      return;
    }
    const busyUntil = this.load.busyUntil(hookId);
    if (busyUntil !== undefined) {
      await this.arm(scope, delivery, busyUntil);
      return;
    }
    const { retryAfterMs = 0, ...outcome } = await this.load.call(hookId, () =>
      this.post(scope, hook, delivery, signal),
    );
    const now = this.deps.clock.now();
    const attempt = { ...outcome, attempts: delivery.attempts + 1, lastAttemptAt: now };
    const status = outcome.lastStatus ?? 0;
    if (isSuccess(status)) {
      await store.changeDelivery(deliveryId, ['pending'], { ...attempt, status: 'delivered' });
      await this.armNext(scope, delivery);
      return;
    }
    const waitMs = WAITS_MS[delivery.attempts];
    if (status === GONE || waitMs === undefined) {
      await store.changeDelivery(deliveryId, ['pending'], { ...attempt, status: 'dead' });
      await this.armNext(scope, delivery);
      return;
    }
    // A tenth more or less, so that deliveries that failed together are not retried together.
    const ownMs = waitMs * (0.9 + Math.random() * 0.2);
    const at = new Date(now.getTime() + Math.max(ownMs, Math.min(retryAfterMs, LONGEST_WAIT_MS)));
    await store.changeDelivery(deliveryId, ['pending'], { ...attempt, nextAttemptAt: at });
    await this.arm(scope, delivery, at);
  }

  private async post(
    scope: TenantScope,
    hook: Hook,
    { id, body }: HookDelivery,
    signal: AbortSignal,
  ): Promise<{ readonly lastStatus?: number; readonly lastError?: string; readonly retryAfterMs?: number }> {
    const { clock, outbound, sealingKey, timeoutMs = TIMEOUT_MS } = this.deps;
    const timeout = AbortSignal.timeout(timeoutMs);
    const key = decrypt(sealingKey, hook.sealedSecret, placeOf(scope, hook.id));
    const timestamp = String(Math.floor(clock.now().getTime() / SECOND));
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    try {
      const { status, headers } = await outbound.fetch(new URL(hook.url), {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': String(Buffer.byteLength(body)),
          'User-Agent': 'Sapa',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        },
        body,
        signal: AbortSignal.any([signal, timeout]),
        maxBytes: READ_BYTES,
        acceptsPartialBody: true,
      });
      const retryHeaders = new Headers({ 'retry-after': String(headers['retry-after'] ?? '') });
      const waitMs = retryAfterMs(retryHeaders, clock.now());
      return {
        lastStatus: status,
        lastError: isSuccess(status) ? '' : `answered ${status}`,
        ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
      };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OutboundError)) throw error;
      return { lastStatus: 0, lastError: timeout.aborted ? 'timeout' : failureOf(error) };
    }
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Such as `unreachable (ECONNREFUSED)`. */
function failureOf({ kind, cause }: OutboundError): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code === undefined ? kind : `${kind} (${code})`;
}

/** The contact an event is about, and its position among the events of that contact. */
function placeInOrder(
  type: HookDelivery['type'],
  { id, contact_id: contactId }: Readonly<Record<string, unknown>>,
  next: () => number,
): Pick<HookDelivery, 'contactId' | 'order'> {
  const about = type.startsWith('contact.') ? id : contactId;
  return typeof about === 'string' ? { contactId: about, order: next() } : {};
}

function placeOf({ tenantId }: TenantScope, hookId: string): string {
  return JSON.stringify(['hook secret', tenantId, hookId]);
}
