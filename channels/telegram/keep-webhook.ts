import { z } from 'zod';
import type { ChannelAccount } from '../../src/contracts/channel.js';
import { isUnauthorized } from '../../src/lib/work/backoff.js';
import type { TelegramConfig } from './config.js';
import type { Run } from './run.js';
import { TelegramError } from './telegram-error.js';
import { ALLOWED_UPDATES } from './update-schema.js';
import { webhookSecretOf, webhookUrlFor } from './webhook.js';

/** How often Telegram is asked whether its calls arrive, and how often while they do not, in ms. */
const LOOK_EVERY_MS = 60_000;
const LOOK_WHEN_DEAF_MS = 5_000;
/** Telegram's default. Storing an update takes milliseconds, so more would only crowd us after an outage. */
const MAX_CONNECTIONS = 40;
/** Updates may wait this long before that is called late, in ms: after an outage many arrive at once. */
const LATE_AFTER_MS = 60_000;
/** Trouble that lasts longer than this needs a person's attention, in ms. */
const ALARM_AFTER_MS = 120_000;

const infoSchema = z.object({
  url: z.string(),
  pending_update_count: z.int(),
  last_error_date: z.int().optional(),
  last_error_message: z.string().optional(),
});

type WebhookInfo = z.output<typeof infoSchema>;

/**
 * Makes Telegram call `url` and checks that its calls arrive, until the run is stopped. The webhook stays
 * set: the processes that serve the API keep taking calls while this one restarts.
 */
export async function keepWebhook(
  url: string,
  account: ChannelAccount<TelegramConfig>,
  run: Run,
): Promise<void> {
  const { backoff, signal } = run;
  const expectedUrl = webhookUrlFor(url, account);
  // Telegram's calls may reach any process, but only this one may write the account's state.
  run.moved.keepIn(run.sink.state, signal, (error) =>
    run.logger.warn({ error }, 'the move of a group to a supergroup was not stored'),
  );
  while (!signal.aborted) {
    try {
      await setWebhook(expectedUrl, account, run);
      backoff.reset();
      await watch(expectedUrl, run);
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

/** Reports whether Telegram's calls arrive, and in time. Throws if the webhook is no longer ours. */
async function watch(url: string, run: Run): Promise<void> {
  const { sink, clock, logger, signal } = run;
  let earlier: WebhookInfo | undefined;
  let waitingSince: Date | undefined;
  let deafSince: Date | undefined;
  while (!signal.aborted) {
    const info = await webhookInfo(run);
    if (info.url !== url) throw new TelegramError('rejected', 'another program took the webhook of this bot');
    const now = clock.now();
    waitingSince = info.pending_update_count === 0 ? undefined : (waitingSince ?? now);
    const since = deafSince ?? waitingSince ?? now;
    const complaint =
      complaintOf(info, { earlier, wasDeaf: deafSince !== undefined, since }) ??
      latenessOf(info, waitingSince, now);
    const waitMs = complaint === undefined && waitingSince === undefined ? LOOK_EVERY_MS : LOOK_WHEN_DEAF_MS;
    if (complaint === undefined) {
      if (earlier === undefined || deafSince !== undefined) sink.changed({ state: 'open' });
      deafSince = undefined;
    } else {
      deafSince ??= since;
      const deafMs = now.getTime() - deafSince.getTime();
      const isLong = deafMs > ALARM_AFTER_MS;
      logger[isLong ? 'error' : 'warn']({ reason: complaint, deafMs }, 'Telegram’s calls do not arrive');
      sink.changed({ state: 'backing-off', reason: complaint, until: new Date(now.getTime() + waitMs) });
    }
    earlier = info;
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
}

async function webhookInfo({ client, signal }: Run): Promise<WebhookInfo> {
  const info: unknown = await client.call('getWebhookInfo', (api, s) => api.getWebhookInfo(s), signal);
  return infoSchema.parse(info);
}

interface Before {
  readonly earlier: WebhookInfo | undefined;
  readonly wasDeaf: boolean;
  readonly since: Date;
}

/**
 * Telegram never clears its last error, so the error alone says nothing: it counts only if it is new since
 * the last check, or if updates are still waiting after it.
 */
function complaintOf(info: WebhookInfo, { earlier, wasDeaf, since }: Before): string | undefined {
  if (info.last_error_date === undefined) return undefined;
  const isNew = earlier !== undefined && earlier.last_error_date !== info.last_error_date;
  const stillWaits = info.pending_update_count > 0 && (wasDeaf || earlier === undefined);
  if (!isNew && !stillWaits) return undefined;
  return `Telegram cannot deliver: ${info.last_error_message ?? 'no reason given'} (${waiting(info, since)})`;
}

/** Updates that waited at each look: Telegram calls too slowly, or we take its calls too slowly. */
function latenessOf(info: WebhookInfo, waitingSince: Date | undefined, now: Date): string | undefined {
  if (waitingSince === undefined || now.getTime() - waitingSince.getTime() < LATE_AFTER_MS) return undefined;
  return `Telegram delivers late, without naming an error (${waiting(info, waitingSince)})`;
}

function waiting({ pending_update_count: count }: WebhookInfo, since: Date): string {
  return `${count} waiting, since ${since.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
