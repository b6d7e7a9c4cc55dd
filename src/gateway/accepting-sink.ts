import type { ChannelAccount, ConnectionSink, InboundEvent } from '../contracts/channel.js';
import type { Intake } from '../contracts/chat.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Logger } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import { ChannelError } from '../contracts/channel.js';
import { StoreError } from '../contracts/stores.js';
import type { SharedBots } from './shared-bots.js';

/** Attempts to store an event before giving up on it. */
const MAX_TRIES = 5;

export interface AcceptingDependencies {
  readonly service: ServiceStore;
  readonly intake: Intake;
  readonly sharedBots: Pick<SharedBots, 'isOurs' | 'deliver'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Failed attempts by account and event. Outlives the sink on platforms where every call creates one. */
export type FailedTries = Map<string, number>;

/** Passes a platform's events into the pipeline; counts and logs anything else. */
export function acceptingSink(
  account: ChannelAccount,
  deps: AcceptingDependencies,
  failures: FailedTries = new Map(),
): Pick<ConnectionSink, 'accept' | 'discard' | 'isOurs'> {
  const { service, intake, metrics, logger, sharedBots } = deps;
  const keyOf = (event: InboundEvent): string => `${account.id}:${event.eventId}`;

  const discard: ConnectionSink['discard'] = (reception) => {
    metrics.count('sapa_inbound_events_total', { channel: account.channel, outcome: reception.type });
    if (reception.type === 'rejected') logger.warn({ reason: reception.reason }, 'an update was dropped');
  };

  /** One event that can never be stored must not hold up those behind it. */
  const isHopeless = (event: InboundEvent, error: unknown): boolean => {
    if (isPassing(error)) return false;
    const tries = (failures.get(keyOf(event)) ?? 0) + 1;
    failures.set(keyOf(event), tries);
    return tries >= MAX_TRIES;
  };

  return {
    discard,
    isOurs: (event) => sharedBots.isOurs(account, event),
    async accept(event) {
      try {
        await sharedBots.deliver(account, event, async (receiver, each) => {
          const scope = await service.scope(receiver.tenantId);
          // The business and its accounts are being removed.
          if (scope !== undefined) await intake.accept(scope, receiver, each);
        });
      } catch (error) {
        if (!isHopeless(event, error)) throw error;
        const { eventId, type } = event;
        logger.error({ error, eventId, type }, 'an event cannot be stored and is given up');
        discard({ type: 'rejected', reason: 'the store refuses it' });
      }
      failures.delete(keyOf(event));
    },
  };
}

/**
 * Wait for a store that is down or full, however long it takes, and make the platform wait too, so that
 * nothing is lost.
 */
function isPassing(error: unknown): boolean {
  if (error instanceof ChannelError) return true;
  return error instanceof StoreError && (error.kind === 'unavailable' || error.kind === 'full');
}
