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

/** The content of a message, including quoted and forwarded ones. */
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

/** Only the fields we read; the many other fields of a message may be anything. */
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

/** Options of a command; subcommands (type 1) and subcommand groups (type 2) have options in turn. */
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

/** A gateway dispatch, together with what the connection knows and the message alone does not say. */
export const dispatchSchema = z.object({
  t: z.string(),
  s: z.int().nullish(),
  d: z.unknown(),
  known: z
    .object({
      /** The id of our own user. */
      botId: snowflakeSchema.optional(),
      /** The bot's own roles: mentioning one of them mentions the bot. */
      botRoleIds: z.array(z.string()).optional(),
      /** About the channel, if it is a thread. */
      thread: z
        .object({ ownerId: z.string().optional(), parentId: z.string().optional(), isPost: z.boolean() })
        .optional(),
      /** The author of the message that the event refers to. */
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
export type DispatchContext = NonNullable<z.output<typeof dispatchSchema>['known']>;

/** Interaction types. */
export const INTERACTION = { ping: 1, command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
