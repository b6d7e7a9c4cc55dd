import { z } from 'zod';
import type { ChannelAccount } from '../../src/contracts/channel.js';
import { isUnauthorized } from '../../src/lib/backoff.js';
import type { TelegramConfig } from './config.js';
import type { Run } from './run.js';
import { TelegramError } from './telegram-error.js';
import { ALLOWED_UPDATES } from './update-schema.js';
import { webhookSecretOf, webhookUrlFor } from './webhook.js';

/** Telegram is asked this often whether its calls arrive; more often while they do not. In ms. */
const LOOK_EVERY_MS = 60_000;
const LOOK_WHEN_DEAF_MS = 5_000;
/** Telegram's own default. An update is stored in milliseconds, so more would only crowd us after an outage. */
const MAX_CONNECTIONS = 40;
/** Longer trouble than this needs a person to look. */
const ALARM_AFTER_MS = 120_000;

const infoSchema = z.object({
  url: z.string(),
  pending_update_count: z.int(),
  last_error_date: z.int().optional(),
  last_error_message: z.string().optional(),
});

type WebhookInfo = z.output<typeof infoSchema>;

/**
 * Makes Telegram call `url`, and watches that its calls arrive, until the run is stopped. The webhook
 * stays: whoever runs the API goes on taking calls while this process restarts.
 */
export async function keepWebhook(
  url: string,
  account: ChannelAccount<TelegramConfig>,
  run: Run,
): Promise<void> {
  const { backoff, signal } = run;
  const ours = webhookUrlFor(url, account);
  // Telegram calls whichever process it reaches; only this one may write the account's state.
  run.moved.keepIn(run.sink.state, signal, (error) =>
    run.logger.warn({ error }, 'that a group became a supergroup was not kept'),
  );
  while (!signal.aborted) {
    try {
      await setWebhook(ours, account, run);
      backoff.reset();
      await watch(ours, run);
    } catch (error) {
      if (isUnauthorized(error)) throw error;
      if (!signal.aborted) await backoff.after(error, signal);
    }
  }
}

async function setWebhook(
  url: string,
  account: ChannelAccount<TelegramConfig>,
  { client, signal }: Run,
): Promise<void> {
  const settings = {
    url,
    secret_token: webhookSecretOf(account),
    allowed_updates: ALLOWED_UPDATES,
    max_connections: MAX_CONNECTIONS,
    drop_pending_updates: false,
  };
  await client.call('setWebhook', (api, s) => api.setWebhook(settings, s), signal);
}

/** Tells whether Telegram's calls arrive. Throws when the webhook is no longer ours. */
async function watch(url: string, run: Run): Promise<void> {
  const { sink, clock, logger, signal } = run;
  let earlier: WebhookInfo | undefined;
  let deafSinceMs: number | undefined;
  while (!signal.aborted) {
    const info = await webhookInfo(run);
    if (info.url !== url) throw new TelegramError('rejected', 'another program took the webhook of this bot');
    const complaint = complaintOf(info, earlier, deafSinceMs !== undefined);
    const waitMs = complaint === undefined ? LOOK_EVERY_MS : LOOK_WHEN_DEAF_MS;
    if (complaint === undefined) {
      if (earlier === undefined || deafSinceMs !== undefined) sink.changed({ state: 'open' });
      deafSinceMs = undefined;
    } else {
      deafSinceMs ??= clock.monotonicMs();
      const deafMs = clock.monotonicMs() - deafSinceMs;
      const isLong = deafMs > ALARM_AFTER_MS;
      logger[isLong ? 'error' : 'warn']({ reason: complaint, deafMs }, 'Telegram’s calls do not arrive');
      const until = new Date(clock.now().getTime() + waitMs);
      sink.changed({ state: 'backing-off', reason: complaint, until });
    }
    earlier = info;
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
}

async function webhookInfo({ client, signal }: Run): Promise<WebhookInfo> {
  const info: unknown = await client.call('getWebhookInfo', (api, s) => api.getWebhookInfo(s), signal);
  return infoSchema.parse(info);
}

/**
 * Telegram remembers its last error for good, so the error alone says nothing: it counts when it is
 * new since the last look, or when updates still wait after it.
 */
function complaintOf(
  info: WebhookInfo,
  earlier: WebhookInfo | undefined,
  wasDeaf: boolean,
): string | undefined {
  if (info.last_error_date === undefined) return undefined;
  const isNew = earlier !== undefined && earlier.last_error_date !== info.last_error_date;
  const stillWaits = info.pending_update_count > 0 && (wasDeaf || earlier === undefined);
  if (!isNew && !stillWaits) return undefined;
  const waiting = `${info.pending_update_count} waiting`;
  return `Telegram cannot deliver: ${info.last_error_message ?? 'no reason given'} (${waiting})`;
}
