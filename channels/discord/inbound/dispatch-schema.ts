import { z } from 'zod';
import { snowflakeSchema } from '../snowflake.js';

const userSchema = z.object({
  id: snowflakeSchema,
  username: z.string().nullish(),
  global_name: z.string().nullish(),
  bot: z.boolean().nullish(),
});

const attachmentSchema = z.object({
  id: snowflakeSchema,
  url: z.string(),
  filename: z.string().nullish(),
  content_type: z.string().nullish(),
  size: z.int().min(0).nullish(),
  duration_secs: z.number().min(0).nullish(),
});

const stickerSchema = z.object({ id: snowflakeSchema, name: z.string().nullish() });

const pollSchema = z.object({
  question: z.object({ text: z.string().nullish() }),
  answers: z.array(z.object({ poll_media: z.object({ text: z.string().nullish() }).nullish() })).nullish(),
});

/** What a message says; also of one that is quoted or forwarded. */
const contentFields = {
  content: z.string().nullish(),
  attachments: z.array(attachmentSchema).nullish(),
  sticker_items: z.array(stickerSchema).nullish(),
  poll: pollSchema.nullish(),
  mentions: z.array(userSchema).nullish(),
  flags: z.int().nullish(),
};

const contentSchema = z.object(contentFields);

const memberSchema = z.object({ nick: z.string().nullish(), roles: z.array(z.string()).nullish() });

/** Only what we read; the many other fields of a message may be anything. */
export const messageSchema = z.object({
  ...contentFields,
  id: snowflakeSchema,
  channel_id: snowflakeSchema,
  guild_id: snowflakeSchema.nullish(),
  type: z.int().nullish(),
  author: userSchema,
  member: memberSchema.nullish(),
  webhook_id: snowflakeSchema.nullish(),
  edited_timestamp: z.iso.datetime({ offset: true }).nullish(),
  mention_roles: z.array(z.string()).nullish(),
  embeds: z.array(z.unknown()).nullish(),
  components: z.array(z.unknown()).nullish(),
  message_reference: z.object({ message_id: snowflakeSchema.nullish(), type: z.int().nullish() }).nullish(),
  referenced_message: z.object({ ...contentFields, id: snowflakeSchema, author: userSchema }).nullish(),
  message_snapshots: z.array(z.object({ message: contentSchema })).nullish(),
});

export const deletionSchema = z.object({
  id: snowflakeSchema,
  channel_id: snowflakeSchema,
  guild_id: snowflakeSchema.nullish(),
});

export const reactionSchema = z.object({
  user_id: snowflakeSchema,
  channel_id: snowflakeSchema,
  message_id: snowflakeSchema,
  guild_id: snowflakeSchema.nullish(),
  message_author_id: snowflakeSchema.nullish(),
  member: z.object({ user: userSchema.nullish() }).nullish(),
  emoji: z.object({ id: z.string().nullish(), name: z.string().nullish() }),
});

export const interactionSchema = z.object({
  id: snowflakeSchema,
  application_id: snowflakeSchema,
  type: z.int(),
  token: z.string().min(1),
  guild_id: snowflakeSchema.nullish(),
  channel_id: snowflakeSchema.nullish(),
  channel: z.object({ id: snowflakeSchema }).nullish(),
  member: memberSchema.extend({ user: userSchema }).nullish(),
  user: userSchema.nullish(),
  locale: z.string().nullish(),
  message: z.object({ id: snowflakeSchema }).nullish(),
  data: z.unknown(),
});

/** Options of a command; a subcommand (1) and a group of them (2) have options in turn. */
const valueOptionSchema = z.object({
  name: z.string(),
  type: z.int(),
  value: z.union([z.string(), z.number(), z.boolean()]).nullish(),
  focused: z.boolean().nullish(),
});
const subcommandSchema = valueOptionSchema.extend({ options: z.array(valueOptionSchema).nullish() });
const optionSchema = valueOptionSchema.extend({ options: z.array(subcommandSchema).nullish() });

export const commandDataSchema = z.object({
  name: z.string().min(1),
  options: z.array(optionSchema).nullish(),
  resolved: z.object({ attachments: z.record(z.string(), attachmentSchema).nullish() }).nullish(),
});

export const componentDataSchema = z.object({
  custom_id: z.string(),
  values: z.array(z.string()).nullish(),
});

const inputSchema = z.object({ custom_id: z.string(), value: z.string().nullish() });

export const modalDataSchema = z.object({
  custom_id: z.string(),
  components: z.array(
    z.object({ components: z.array(inputSchema).nullish(), component: inputSchema.nullish() }),
  ),
});

/** A dispatch of the gateway, with what the connection knows and a message alone does not tell. */
export const dispatchSchema = z.object({
  t: z.string(),
  s: z.int().nullish(),
  d: z.unknown(),
  known: z
    .object({
      /** Our own user. */
      botId: snowflakeSchema.optional(),
      /** Roles that stand for the bot: to mention one is to mention it. */
      botRoleIds: z.array(z.string()).optional(),
      /** Of the channel, where it is a thread. */
      thread: z
        .object({ ownerId: z.string().optional(), parentId: z.string().optional(), isPost: z.boolean() })
        .optional(),
      /** Who wrote the message that an event is about. */
      authorId: z.string().optional(),
    })
    .optional(),
});

export type DiscordUser = z.output<typeof userSchema>;
export type DiscordAttachment = z.output<typeof attachmentSchema>;
export type DiscordContent = z.output<typeof contentSchema>;
export type DiscordMessage = z.output<typeof messageSchema>;
export type DiscordInteraction = z.output<typeof interactionSchema>;
export type DiscordOption = z.output<typeof optionSchema>;
export type CommandData = z.output<typeof commandDataSchema>;
export type Known = NonNullable<z.output<typeof dispatchSchema>['known']>;

/** Kinds of interaction. */
export const INTERACTION = { ping: 1, command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
