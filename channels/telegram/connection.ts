import { z } from 'zod';
import { ChannelError, type ChannelAccount, type ConnectionSink } from '../../src/contracts/channel.js';
import { createBackoff, isUnauthorized, persist } from '../../src/lib/work/backoff.js';
import type { TelegramConfig } from './config.js';
import { keepWebhook } from './keep-webhook.js';
import { keepStaffMenus, publishMenu } from './menu.js';
import { poll } from './polling.js';
import type { ConnectionDependencies, Run } from './run.js';

const meSchema = z.object({ username: z.string() });

/** Keeps one bot connected until `signal` aborts: polls for updates, or makes Telegram call our webhook. */
export async function openConnection(
  account: ChannelAccount<TelegramConfig>,
  sink: ConnectionSink,
  signal: AbortSignal,
  dependencies: ConnectionDependencies,
): Promise<void> {
  const backoff = createBackoff({
    ...dependencies,
    platform: 'Telegram',
    changed: (state) => sink.changed(state),
  });
  const run: Run = { ...dependencies, sink, backoff, signal };
  try {
    sink.changed({ state: 'connecting' });
    // Checked first: without an address there is no point in going on.
    const url = account.config.mode === 'webhook' ? addressOf(sink) : undefined;
    const bot = await introduce(account, run);
    if (bot !== undefined) {
      await run.moved.load(sink.state);
      await withStaffMenus(run, () => (url === undefined ? poll(bot, run) : keepWebhook(url, bot, run)));
    }
    sink.changed({ state: 'stopped' });
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    sink.changed({ state: 'blocked', reason: error.message });
    throw error;
  }
}

/** Menus are optional: they neither delay nor end the actual work of the connection. */
async function withStaffMenus(run: Run, work: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const menus = keepStaffMenus({ ...run, signal: AbortSignal.any([run.signal, over.signal]) }).catch(
    (error) => run.logger.warn({ error }, 'the command menus of staff were not updated'),
  );
  try {
    await work();
  } finally {
    over.abort();
    await menus;
  }
}

function addressOf({ webhookUrl }: ConnectionSink): string {
  if (webhookUrl !== undefined) return webhookUrl;
  throw new ChannelError('unauthorized', 'Telegram has no address to call: PUBLIC_URL is not set');
}

/** Learns the bot's name and publishes its menu; `undefined` if stopped before that. */
async function introduce(
  account: ChannelAccount<TelegramConfig>,
  run: Run,
): Promise<ChannelAccount<TelegramConfig> | undefined> {
  const { client, sink, signal } = run;
  const me = await persist(run, () => client.call('getMe', (api, s) => api.getMe(s), signal));
  await persist(run, () => publishMenu(sink.menu, client, signal).catch((error) => withoutMenu(error, run)));
  if (signal.aborted) return undefined;
  const { username } = meSchema.catch({ username: '' }).parse(me);
  return username === '' ? account : { ...account, config: { ...account.config, username } };
}

/** The bot works without a menu, so a refusal is only logged. */
function withoutMenu(error: unknown, { logger }: Run): void {
  if (!(error instanceof ChannelError) || error.kind !== 'rejected') throw error;
  logger.warn({ reason: error.message }, 'Telegram refused the command menu');
}
