import { z } from 'zod';

/** Seconds since 1970, small enough to be a valid `Date`. */
const unixTime = z.int().min(0).max(8_640_000_000_000);

const userSchema = z.object({
  id: z.int(),
  is_bot: z.boolean().nullish(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  language_code: z.string().nullish(),
});

const chatSchema = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string().nullish(),
  is_forum: z.boolean().nullish(),
  /** The direct messages of a channel: each person who writes to it has a topic. */
  is_direct_messages: z.boolean().nullish(),
});

/** `user`: the person whose topic it is; Telegram may leave it out. */
const directTopicSchema = z.object({ topic_id: z.int(), user: z.object({ id: z.int() }).nullish() });

const entitySchema = z.object({
  type: z.string(),
  offset: z.int().min(0),
  length: z.int().min(0),
  user: z.object({ id: z.int() }).nullish(),
});

const fileSchema = z.object({
  file_id: z.string().min(1),
  file_name: z.string().nullish(),
  mime_type: z.string().nullish(),
  file_size: z.int().min(0).nullish(),
});

const photoSizeSchema = z.object({
  file_id: z.string().min(1),
  file_size: z.int().min(0).nullish(),
  width: z.int().nullish(),
  height: z.int().nullish(),
});

const stickerSchema = z.object({ file_id: z.string().min(1), emoji: z.string().nullish() });
const locationSchema = z.object({ latitude: z.number(), longitude: z.number() });

/** Content a message can have besides text. */
const contentFields = {
  photo: z.array(photoSizeSchema).nullish(),
  document: fileSchema.nullish(),
  voice: fileSchema.nullish(),
  audio: fileSchema.nullish(),
  video: fileSchema.nullish(),
  video_note: fileSchema.nullish(),
  animation: fileSchema.nullish(),
  sticker: stickerSchema.nullish(),
  dice: z.object({ emoji: z.string() }).nullish(),
  location: locationSchema.nullish(),
  /** Accompanied by a `location`. */
  venue: z
    .object({ location: locationSchema, title: z.string().nullish(), address: z.string().nullish() })
    .nullish(),
  contact: z
    .object({ phone_number: z.string(), first_name: z.string(), last_name: z.string().nullish() })
    .nullish(),
  poll: z.object({ question: z.string(), options: z.array(z.object({ text: z.string() })) }).nullish(),
  checklist: z.object({ title: z.string(), tasks: z.array(z.object({ text: z.string() })) }).nullish(),
};

/** Only the fields we read; the many others may contain anything. */
const messageSchema = z.object({
  message_id: z.int(),
  date: unixTime,
  edit_date: unixTime.nullish(),
  chat: chatSchema,
  from: userSchema.nullish(),
  sender_chat: chatSchema.nullish(),
  is_automatic_forward: z.boolean().nullish(),
  message_thread_id: z.int().nullish(),
  is_topic_message: z.boolean().nullish(),
  direct_messages_topic: directTopicSchema.nullish(),
  media_group_id: z.string().nullish(),
  text: z.string().nullish(),
  entities: z.array(entitySchema).nullish(),
  caption: z.string().nullish(),
  caption_entities: z.array(entitySchema).nullish(),
  reply_to_message: z
    .object({
      message_id: z.int(),
      from: userSchema.nullish(),
      forum_topic_created: z.unknown().optional(),
      text: z.string().nullish(),
      caption: z.string().nullish(),
      ...contentFields,
    })
    .nullish(),
  /** The message of another chat that this one replies to. */
  external_reply: z
    .object({
      origin: z
        .object({
          sender_user: userSchema.nullish(),
          sender_user_name: z.string().nullish(),
          chat: chatSchema.nullish(),
          sender_chat: chatSchema.nullish(),
        })
        .nullish(),
      ...contentFields,
    })
    .nullish(),
  /** The part of the replied message that the person selected. */
  quote: z.object({ text: z.string() }).nullish(),
  ...contentFields,
});

const callbackQuerySchema = z.object({
  id: z.string().min(1),
  from: userSchema,
  data: z.string().nullish(),
  /** A message that is too old comes with date 0 and little else. */
  message: z
    .object({
      message_id: z.int(),
      chat: chatSchema,
      message_thread_id: z.int().nullish(),
      is_topic_message: z.boolean().nullish(),
      direct_messages_topic: directTopicSchema.nullish(),
    })
    .nullish(),
});

/** The kinds of update we request from Telegram; others are ignored. */
export const ALLOWED_UPDATES = ['message', 'edited_message', 'callback_query'] as const;

export const updateSchema = z.object({
  update_id: z.int().min(0),
  message: messageSchema.nullish(),
  edited_message: messageSchema.nullish(),
  callback_query: callbackQuerySchema.nullish(),
});

export type TelegramUser = z.output<typeof userSchema>;
export type TelegramChat = z.output<typeof chatSchema>;
export type TelegramEntity = z.output<typeof entitySchema>;
export type TelegramFile = z.output<typeof fileSchema>;
export type TelegramContent = Pick<z.output<typeof messageSchema>, keyof typeof contentFields>;
export type TelegramMessage = z.output<typeof messageSchema>;
export type TelegramCallbackQuery = z.output<typeof callbackQuerySchema>;
