import { createHash } from 'node:crypto';
import type { ChannelSharing } from '../../src/contracts/channel.js';
import type { DiscordClient } from './client.js';
import { botIdOf, type DiscordConfig } from './config.js';
import { DiscordError } from './discord-error.js';

/** Lets businesses share one bot, each in its own guilds. */
export function createSharing(
  clientOf: (config: DiscordConfig) => DiscordClient,
): ChannelSharing<DiscordConfig> {
  return {
    botOf: (config) => botIdOf(config) ?? createHash('sha256').update(config.token).digest('base64url'),
    workspacesOf: ({ guilds }) => guilds,
    async isMember(userId, guildId, { config }, signal) {
      const path = `/guilds/${encodeURIComponent(guildId)}/members/${encodeURIComponent(userId)}`;
      try {
        await clientOf(config).call({ method: 'GET', path }, signal);
        return true;
      } catch (error) {
        // Either the person or the bot itself is not in the guild.
        const { status } = error instanceof DiscordError ? error.facts : {};
        if (status === 404 || status === 403) return false;
        throw error;
      }
    },
  };
}
