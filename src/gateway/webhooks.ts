import type { ChannelAccount, ChannelWebhook, WebhookCall } from '../contracts/channel.js';
import type { Clock } from '../contracts/runtime.js';
import type { AdmittedCall, WebhookAddress, Webhooks } from '../contracts/webhooks.js';
import type { AcceptingDependencies, FailedTries } from './accepting-sink.js';
import { acceptingSink } from './accepting-sink.js';
import type { Accounts } from './accounts.js';
import { commandOffers, type CommandOffersDependencies } from './command-offers.js';

/**
 * Calls that match no account trigger a reload of the accounts. So that forged calls cannot keep us busy,
 * reloading takes at most a twentieth of the time, within these bounds in ms.
 */
const REFRESH_EVERY_MS = { least: 1_000, most: 10_000, timesAsLongAsReading: 20 };

export interface WebhooksDependencies extends AcceptingDependencies, CommandOffersDependencies {
  readonly accounts: Accounts;
  readonly clock: Clock;
}

/** Accepts webhook calls in any process; it needs only the service's store. */
export function createWebhooks(deps: WebhooksDependencies): Webhooks {
  const { accounts } = deps;
  const refresh = refreshing(accounts, deps.clock);
  const failures: FailedTries = new Map();

  const admitted = ({ channel, accountId }: WebhookAddress, call: WebhookCall): AdmittedCall | undefined => {
    const match = accounts.accountFor(channel, accountId);
    const webhook = match?.channel.webhook;
    if (match === undefined || webhook === undefined) return undefined;
    if (!webhook.isUsedBy(match.account.config) || !webhook.admits(call, match.account)) return undefined;
    return { take: (body) => take(webhook, match.account, call, body) };
  };

  const take = async (
    webhook: ChannelWebhook<unknown>,
    account: ChannelAccount,
    call: WebhookCall,
    body: Uint8Array,
  ): ReturnType<AdmittedCall['take']> => {
    const logger = deps.logger.child({ accountId: account.id, channel: account.channel });
    const content = webhook.open(call, body, account, commandOffers(account, { ...deps, logger }));
    if (content.type === 'refused') return content;
    const sink = acceptingSink(account, { ...deps, logger }, failures);
    for (const reception of content.receptions) {
      if (reception.type === 'event') await sink.accept(reception.event);
      else sink.discard(reception);
    }
    return { type: 'stored', answer: (await content.answer) ?? {} };
  };

  return {
    async admit(address, call) {
      const knownAnswer = admitted(address, call);
      if (knownAnswer !== undefined) return knownAnswer;
      // Another process may have just added the account or changed its secret.
      await refresh();
      return admitted(address, call);
    },
  };
}

/** Reads the accounts once for all callers that ask at the same time or shortly after. */
function refreshing(accounts: Accounts, clock: Clock): () => Promise<unknown> {
  const { least, most, timesAsLongAsReading } = REFRESH_EVERY_MS;
  let nextMs = -Infinity;
  let reading: Promise<unknown> = Promise.resolve();
  return () => {
    const startedMs = clock.monotonicMs();
    if (startedMs >= nextMs) {
      nextMs = Infinity;
      reading = accounts.reload().finally(() => {
        const tookMs = clock.monotonicMs() - startedMs;
        nextMs = startedMs + Math.min(most, Math.max(least, tookMs * timesAsLongAsReading));
      });
    }
    return reading;
  };
}
