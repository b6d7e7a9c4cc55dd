import { z } from 'zod';
import type { ChannelAccount, ConnectionSink, InboundEvent } from '../../src/contracts/channel.js';
import { isUnauthorized, persist } from '../../src/lib/work/backoff.js';
import { POLL_SECONDS } from './client.js';
import type { TelegramConfig } from './config.js';
import type { Run } from './run.js';
import { TelegramError } from './telegram-error.js';
import { ALLOWED_UPDATES } from './update-schema.js';

/** The largest batch Telegram returns. */
const BATCH = 100;
/**
 * Time limit for the last call of a shutdown, in ms: it confirms what is stored and must not delay the
 * shutdown.
 */
const CONFIRM_TIMEOUT_MS = 5_000;

/**
 * Polls for updates until the run is stopped. An update is confirmed to Telegram (by asking for the one after
 * it) only once it is stored, so that after a crash in between it arrives again.
 */
export async function poll(account: ChannelAccount<TelegramConfig>, run: Run): Promise<void> {
  const { client, sink, backoff, signal } = run;
  await leaveWebhook(run);
  let offset = 0;
  let confirmed = 0;
  // The first poll, and the first after a failure, returns at once, which shows that we are connected.
  let settled = false;
  // Updates that were waiting arrive first; the first batch that is not full is the last of them.
  let isCatchingUp = true;
  while (!signal.aborted) {
    try {
      const updates: unknown = await client.poll(
        (api, s) => api.getUpdates({ ...updateQuery(offset), timeout: settled ? POLL_SECONDS : 0 }, s),
        signal,
      );
      confirmed = offset;
      // If another program polls too, the short poll succeeds and the long one is interrupted: only a long
      // poll proves that we are alone.
      if (settled) backoff.reset();
      else sink.changed({ state: 'open' });
      settled = true;
      const batch: readonly unknown[] = Array.isArray(updates) ? updates : [];
      const next = await storeAll(batch, { account, wasKept: isCatchingUp }, run);
      isCatchingUp &&= batch.length === BATCH;
      if (next > offset) offset = next;
      else if (batch.length > 0 && !signal.aborted) {
        throw new TelegramError('unreachable', 'getUpdates: updates without a usable id');
      }
    } catch (error) {
      if (isUnauthorized(error)) throw error;
      if (signal.aborted) break;
      settled = false;
      isCatchingUp = true;
      await backoff.after(error, signal);
    }
  }
  if (offset > confirmed) await confirm(offset, run);
}

/** Telegram refuses polling while a webhook is set; deleting it keeps the waiting updates. */
async function leaveWebhook(run: Run): Promise<void> {
  const keepUpdates = { drop_pending_updates: false };
  await persist(run, () =>
    run.client.call('deleteWebhook', (api, s) => api.deleteWebhook(keepUpdates, s), run.signal),
  );
}

function updateQuery(offset: number) {
  return { offset, limit: BATCH, allowed_updates: ALLOWED_UPDATES };
}

async function confirm(offset: number, { client, logger }: Run): Promise<void> {
  const signal = AbortSignal.timeout(CONFIRM_TIMEOUT_MS);
  try {
    await client.poll(
      (api, s) => api.getUpdates({ ...updateQuery(offset), limit: 1, timeout: 0 }, s),
      signal,
    );
  } catch (error) {
    // They arrive again at the next start and are recognised by their ids.
    logger.debug({ reason: String(error) }, 'the last updates could not be confirmed');
  }
}

/**
 * Stores a batch and returns the offset below which everything is stored. If the store is down, keeps the
 * updates and retries; only an abort ends this, and then the offset covers what is stored.
 */
async function storeAll(
  updates: readonly unknown[],
  { account, wasKept }: { readonly account: ChannelAccount<TelegramConfig>; readonly wasKept: boolean },
  run: Run,
): Promise<number> {
  await run.moved.learn(updates, run.sink.state);
  let remaining = eventsOf(updates, account, run);
  if (wasKept) remaining = remaining.map((event) => ({ ...event, wasKept: true }));
  for (let round = 1; remaining.length > 0; round++) {
    const outcome = await storeOnce(remaining, run.sink);
    remaining = outcome.remaining;
    if (remaining.length > 0) {
      if (run.signal.aborted) return Math.min(...remaining.map((event) => event.sequence));
      await run.backoff.after(outcome.failure, run.signal);
    } else if (round > 1) run.sink.changed({ state: 'open' });
  }
  return Math.max(0, ...updates.map((update) => (updateId(update) ?? -1) + 1));
}

function eventsOf(
  updates: readonly unknown[],
  account: ChannelAccount<TelegramConfig>,
  { receive, sink }: Run,
): readonly InboundEvent[] {
  return updates.flatMap((update) => {
    const reception = receive(update, account);
    if (reception.type === 'event') return [reception.event];
    sink.discard(reception);
    return [];
  });
}

/**
 * Stores chats in parallel, each in order, so that one slow chat does not hold up the backlog of an outage.
 */
async function storeOnce(
  events: readonly InboundEvent[],
  sink: ConnectionSink,
): Promise<{ readonly remaining: readonly InboundEvent[]; readonly failure: unknown }> {
  const chats = new Set(events.map((event) => event.chat.chatId));
  const stored = new Set<InboundEvent>();
  let failure: unknown;
  const storeChat = async (chatId: string): Promise<void> => {
    try {
      for (const event of events.filter(({ chat }) => chat.chatId === chatId)) {
        await sink.accept(event);
        stored.add(event);
      }
    } catch (error) {
      failure = error;
    }
  };
  await Promise.all(Array.from(chats, storeChat));
  return { remaining: events.filter((event) => !stored.has(event)), failure };
}

function updateId(update: unknown): number | undefined {
  const parsed = z.object({ update_id: z.int().min(0) }).safeParse(update);
  return parsed.success ? parsed.data.update_id : undefined;
}
