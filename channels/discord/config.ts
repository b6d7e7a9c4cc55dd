import { z } from 'zod';
import { snowflakeSchema } from './snowflake.js';

const DEFAULT_API_BASE = 'https://discord.com/api';

/** Configuration of a Discord account. */
export const discordConfigSchema = z
  .strictObject({
    token: z
      .string()
      .regex(/^[^\s/]{8,200}$/, 'not a bot token: see Bot in the developer portal')
      .describe('Of the bot, from the developer portal'),
    apiBase: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+(v\d+\/?)?$/, ''))
      .default(DEFAULT_API_BASE),
    mode: z
      .enum(['gateway', 'http'])
      .default('gateway')
      .describe('http: slash commands and buttons only, posted to the service by Discord'),
    publicKey: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits')
      .optional()
      .describe('From General Information in the developer portal; needed with mode http'),
    guilds: z
      .array(snowflakeSchema)
      .max(200)
      .default([])
      .describe(
        'Only these guilds are of this business, where one bot serves several; none: all that no other names',
      ),
    channels: z
      .array(snowflakeSchema)
      .max(100)
      .default([])
      .describe('Where every message is for the bot, also without a mention'),
    staffRoles: z
      .array(snowflakeSchema)
      .max(50)
      .default([])
      .describe('Members of the guild with one of these roles are staff, where they write in the guild'),
    forumPosts: z
      .enum(['answer', 'mention'])
      .default('answer')
      .describe('answer: what the author of a forum post writes in it is for the bot'),
  })
  .refine(({ mode, publicKey }) => mode !== 'http' || publicKey !== undefined, {
    path: ['publicKey'],
    message: 'is needed with mode http: it proves that a call is from Discord',
  });

export type DiscordConfig = z.output<typeof discordConfigSchema>;

/**
 * Whether events in the guild may belong to this business. If several share the bot, each has its own guilds.
 */
export function isServed({ guilds }: Pick<DiscordConfig, 'guilds'>, guildId: string): boolean {
  return guilds.length === 0 || guilds.includes(guildId);
}

/** Whether a guild member is staff of the business, according to their roles. */
export function staffSign(
  { staffRoles }: Pick<DiscordConfig, 'staffRoles'>,
  roles: readonly string[] | null | undefined,
): { readonly isStaff?: true } {
  return (roles ?? []).some((role) => staffRoles.includes(role)) ? { isStaff: true } : {};
}

/** The first part of a token is the bot's id in base64, for all but the oldest bots. */
export function botIdOf({ token }: Pick<DiscordConfig, 'token'>): string | undefined {
  const decoded = Buffer.from(token.split('.')[0] ?? '', 'base64').toString();
  return /^\d{1,19}$/.test(decoded) ? decoded : undefined;
}
