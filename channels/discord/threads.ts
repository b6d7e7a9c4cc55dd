import { z } from 'zod';
import type { ChannelThreads, ChatAddress } from '../../src/contracts/channel.js';
import type { DiscordClient } from './client.js';
import type { DiscordConfig } from './config.js';
import { CODES, DiscordError, hasCode } from './discord-error.js';
import { escapeText } from './render.js';
import { snowflakeSchema } from './snowflake.js';
import { shorten } from '../../src/lib/text/shorten.js';

const MAX_TITLE = 100;
const PUBLIC_THREAD = 11;
/** Discord hides a thread after a week without messages; a new message shows it again. */
const ARCHIVE_AFTER_MINUTES = 10_080;
const FORUM_KINDS = [15, 16];

const channelSchema = z.object({ id: snowflakeSchema, type: z.int() });

/** Opens and closes threads in text channels and posts in forums. */
export function createThreads(
  clientOf: (config: DiscordConfig) => DiscordClient,
): ChannelThreads<DiscordConfig> {
  return {
    async open(parent, title, { config }, signal): Promise<ChatAddress> {
      const client = clientOf(config);
      const parentPath = `/channels/${encodeURIComponent(parent.chatId)}`;
      const name = shorten(title.trim(), MAX_TITLE) || '…';
      const { type } = channelOf(await client.call({ method: 'GET', path: parentPath }, signal));
      const common = { name, auto_archive_duration: ARCHIVE_AFTER_MINUTES };
      const body = FORUM_KINDS.includes(type)
        ? { ...common, message: { content: escapeText(name), allowed_mentions: { parse: [] } } }
        : { ...common, type: PUBLIC_THREAD };
      const opened = channelOf(
        await client.call({ method: 'POST', path: `${parentPath}/threads`, body }, signal),
      );
      return { chatId: opened.id, kind: 'group' };
    },
    async close(thread, { config }, signal) {
      const path = `/channels/${encodeURIComponent(thread.topicId ?? thread.chatId)}`;
      try {
        await clientOf(config).call({ method: 'PATCH', path, body: { archived: true } }, signal);
      } catch (error) {
        // A channel that no longer exists is closed.
        if (!hasCode(error, CODES.unknownChannel)) throw error;
      }
    },
  };
}

function channelOf(answer: unknown): z.output<typeof channelSchema> {
  const channel = channelSchema.safeParse(answer);
  if (!channel.success) throw new DiscordError('unreachable', 'threads: an answer that is not a channel');
  return channel.data;
}
