import type { ChannelAccount, ConnectionSink, InboundEvent } from '../contracts/channel.js';
import type { Intake } from '../contracts/chat.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Logger } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import { ChannelError } from '../contracts/channel.js';
import { StoreError } from '../contracts/stores.js';
import type { SharedBots } from './shared-bots.js';

/** Tries to store one event before it is taken for one that can never be stored. */
const MAX_TRIES = 5;

export interface AcceptingDependencies {
  readonly service: ServiceStore;
  readonly intake: Intake;
  readonly sharedBots: Pick<SharedBots, 'isOurs' | 'deliver'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Failed tries by account and event. Outlives the sink where each call of a platform has its own. */
export type FailedTries = Map<string, number>;

/** Puts what a platform brings into the pipeline, or counts and logs what it cannot. */
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

  /** One event that no store will ever take must not hold up all that come after it. */
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
          // The business is being removed, and its accounts with it.
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

/** A store that is away or full is waited for, however long it takes, and so is the platform: nothing may be lost by that. */
function isPassing(error: unknown): boolean {
  if (error instanceof ChannelError) return true;
  return error instanceof StoreError && (error.kind === 'unavailable' || error.kind === 'full');
}
