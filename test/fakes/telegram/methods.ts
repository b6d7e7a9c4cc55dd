import { z } from 'zod';
import { badRequest, BotApiError } from './bot-api-error.js';
import type { FakeBot } from './fake-bot.js';
import { parseTelegramHtml, type FormattedText } from './telegram-html.js';
import type { FakeMessage, Params } from './types.js';

type Method = (bot: FakeBot, params: Params, closed: AbortSignal) => unknown;

const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;
const MAX_PHOTO = 10 * 1024 * 1024;
const MAX_FILE = 50 * 1024 * 1024;
/** Some of the reactions that bots may use. */
const REACTIONS = ['👍', '👎', '❤', '🔥', '🥰', '👏', '😁', '🤔', '🎉', '🤩', '🙏', '👌', '🤝', '👀', '💯'];
const MAX_BUTTON_DATA = 64;
/** Bots may download files of at most 20 MB. */
const MAX_DOWNLOAD = 20 * 1024 * 1024;

const chatIdSchema = z.coerce.number();

/** The parts of the Bot API that are used; names are in lower case, because Telegram ignores case. */
export const METHODS: Readonly<Record<string, Method>> = {
  getme: (bot) => ({ ...bot.me, can_join_groups: true, can_read_all_group_messages: false }),
  deletewebhook: (bot, params) => {
    bot.webhook.set({ drop_pending_updates: params.drop_pending_updates });
    return true;
  },
  setwebhook: (bot, params) => {
    bot.webhook.set(params);
    return true;
  },
  getwebhookinfo: (bot) => bot.webhook.info(),
  setmycommands: (bot, params) => {
    const {
      commands,
      language_code: language,
      scope,
    } = z
      .object({
        commands: z
          .array(
            z.object({
              command: z.string().regex(/^[a-z0-9_]{1,32}$/, 'BOT_COMMAND_INVALID'),
              description: z.string().min(1).max(256),
            }),
          )
          .max(100),
        language_code: z.string().default(''),
        scope: z.object({ type: z.literal('chat'), chat_id: z.number() }).optional(),
      })
      .parse(params);
    bot.menus.set(scope === undefined ? language : `${scope.chat_id}:${language}`, commands);
    return true;
  },
  deletemycommands: () => true,
  getmycommands: (bot, params) => bot.menus.get(z.string().default('').parse(params.language_code)) ?? [],
  getupdates: (bot, params, closed) => {
    if (bot.webhook.url !== '') {
      throw new BotApiError(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    const query = z
      .object({
        offset: z.int().default(0),
        limit: z.int().min(1).max(100).default(100),
        timeout: z.int().min(0).default(0),
        allowed_updates: z.array(z.string()).optional(),
      })
      .parse(params);
    const { offset, limit, timeout, allowed_updates: allowed } = query;
    return bot.updates.poll({ offset, limit, timeoutSeconds: timeout, allowed }, closed);
  },
  sendmessage: (bot, params) => {
    const chat = bot.chat(chatIdSchema.parse(params.chat_id));
    const formatted = checkedText(params);
    const message = bot.store(chat, bot.me, {
      text: formatted.text,
      entities: formatted.entities,
      ...threadOf(bot, chat.id, params),
      ...repliedTo(bot, chat.id, params),
      ...keyboardOf(params),
      ...(params.link_preview_options ? { link_preview_options: params.link_preview_options } : {}),
    });
    bot.journal.show(message);
    return message;
  },
  sendphoto: (bot, params) => sendFile(bot, params, 'photo'),
  senddocument: (bot, params) => sendFile(bot, params, 'document'),
  sendvoice: (bot, params) => sendFile(bot, params, 'voice'),
  sendaudio: (bot, params) => sendFile(bot, params, 'audio'),
  sendvideo: (bot, params) => sendFile(bot, params, 'video'),
  sendsticker: (bot, params) => sendFile(bot, params, 'sticker'),
  sendchataction: (bot, params) => {
    const chat = bot.chat(chatIdSchema.parse(params.chat_id));
    if (chat.is_direct_messages === true) throw badRequest('chat action is not supported in the chat');
    threadOf(bot, chat.id, params);
    if (params.action !== 'typing') throw badRequest('wrong parameter action in request');
    return true;
  },
  answercallbackquery: (bot, params) => {
    const id = String(params.callback_query_id);
    if (bot.presses.get(id) !== false) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    bot.presses.set(id, true);
    return true;
  },
  setmessagereaction: (bot, params) => {
    const chat = bot.chat(chatIdSchema.parse(params.chat_id));
    const messageId = z.int().parse(params.message_id);
    const reactions = z
      .array(z.object({ type: z.literal('emoji'), emoji: z.string() }))
      .max(1, 'REACTIONS_TOO_MANY')
      .parse(params.reaction ?? []);
    if (!bot.message(chat.id, messageId)) throw badRequest('message to react not found');
    for (const { emoji } of reactions) {
      if (!REACTIONS.includes(emoji)) throw badRequest('REACTION_INVALID');
    }
    bot.reactions.set(`${chat.id}:${messageId}`, reactions.map(({ emoji }) => emoji).join(''));
    return true;
  },
  editmessagetext: (bot, params) => edit(bot, params, { ...checkedText(params), ...keyboardOf(params) }),
  editmessagereplymarkup: (bot, params) => edit(bot, params, keyboardOf(params)),
  deletemessage: (bot, params) => {
    const message = ownMessage(bot, params, 'delete');
    bot.messages.delete(`${message.chat.id}:${message.message_id}`);
    bot.journal.change(message.chat.id, message.message_id, undefined);
    return true;
  },
  getfile: (bot, params) => {
    const file = bot.files.get(String(params.file_id));
    if (!file) throw badRequest('wrong file_id or the file is temporarily unavailable');
    if (file.file_size > MAX_DOWNLOAD) throw badRequest('file is too big');
    const { file_id, file_path, file_size } = file;
    return { file_id, file_unique_id: `u${file_id}`, file_path, file_size };
  },
};

function checkedText(params: Params): FormattedText {
  const formatted = formattedText(params, params.text);
  const length = formatted.text.trim().length;
  if (length === 0) throw badRequest('message text is empty');
  if (length > MAX_TEXT) throw badRequest('message is too long');
  return formatted;
}

function checkedCaption(params: Params) {
  if (params.caption === undefined) return {};
  const { text, entities } = formattedText(params, params.caption);
  if (text.trim().length > MAX_CAPTION) throw badRequest('message caption is too long');
  return { caption: text, caption_entities: entities };
}

function formattedText(params: Params, given: unknown): FormattedText {
  const source = typeof given === 'string' ? given : '';
  if (/\p{Cs}/u.test(source)) throw badRequest('strings must be encoded in UTF-8');
  return params.parse_mode === 'HTML' ? parseTelegramHtml(source) : { text: source, entities: [] };
}

const sentFileSchema = z.object({ name: z.string(), bytes: z.instanceof(Uint8Array) });

type SentKind = 'photo' | 'document' | 'voice' | 'audio' | 'video' | 'sticker';

/** Stores the bytes in the message's `file`, for tests that inspect the chat. */
function sendFile(bot: FakeBot, params: Params, kind: SentKind): FakeMessage {
  const chat = bot.chat(chatIdSchema.parse(params.chat_id));
  const file = sentFileSchema.parse(params[kind]);
  if (file.bytes.length === 0) throw badRequest('file must be non-empty');
  if (kind === 'photo' && file.bytes.length > MAX_PHOTO) throw badRequest('PHOTO_INVALID_DIMENSIONS');
  if (file.bytes.length > MAX_FILE) throw new BotApiError(413, 'Request Entity Too Large');
  const message = bot.store(chat, bot.me, {
    [kind]: { file_name: file.name, file_size: file.bytes.length },
    file,
    ...checkedCaption(params),
    ...threadOf(bot, chat.id, params),
    ...repliedTo(bot, chat.id, params),
    ...keyboardOf(params),
  });
  bot.journal.show(message);
  return message;
}

function threadOf(bot: FakeBot, chatId: number, params: Params) {
  if (bot.chat(chatId).is_direct_messages === true) return directTopicOf(bot, chatId, params);
  const threadId = z.int().optional().parse(params.message_thread_id);
  if (threadId === undefined) return {};
  if (!bot.topics.has(`${chatId}:${threadId}`)) throw badRequest('message thread not found');
  return { message_thread_id: threadId, is_topic_message: true };
}

/** Nothing can be sent to the direct messages of a channel as a whole. */
function directTopicOf(bot: FakeBot, chatId: number, params: Params) {
  const topic = bot.directTopics.get(`${chatId}:${String(params.direct_messages_topic_id)}`);
  if (topic === undefined || params.message_thread_id !== undefined) {
    throw badRequest('direct messages topic must be specified');
  }
  return { direct_messages_topic: topic };
}

const replySchema = z
  .object({ message_id: z.int(), allow_sending_without_reply: z.boolean().default(false) })
  .optional();

function repliedTo(bot: FakeBot, chatId: number, params: Params) {
  const reply = replySchema.parse(params.reply_parameters);
  if (!reply) return {};
  const message = bot.message(chatId, reply.message_id);
  if (message) return { reply_to_message: message };
  if (reply.allow_sending_without_reply) return {};
  throw badRequest('message to be replied not found');
}

const keyboardSchema = z
  .object({
    inline_keyboard: z.array(z.array(z.object({ text: z.string(), callback_data: z.string().optional() }))),
  })
  .optional();

function keyboardOf(params: Params) {
  const keyboard = keyboardSchema.parse(params.reply_markup);
  if (!keyboard) return {};
  for (const button of keyboard.inline_keyboard.flat()) {
    if (button.text === '') throw badRequest('inline keyboard button text must be non-empty');
    const size = Buffer.byteLength(button.callback_data ?? '');
    if (size === 0 || size > MAX_BUTTON_DATA) throw badRequest('BUTTON_DATA_INVALID');
  }
  return { reply_markup: keyboard };
}

function edit(bot: FakeBot, params: Params, change: Readonly<Record<string, unknown>>): FakeMessage {
  const before = ownMessage(bot, params, 'edit');
  const { reply_markup: _old, ...rest } = before;
  const after = { ...rest, ...change };
  const contentKey = (message: Readonly<Record<string, unknown>>): string =>
    JSON.stringify([message.text, message.entities, message.reply_markup]);
  if (contentKey(before) === contentKey(after)) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  }
  const edited: FakeMessage = { ...after, edit_date: Math.floor(Date.now() / 1000) };
  bot.replace(edited);
  bot.journal.change(edited.chat.id, edited.message_id, edited);
  return edited;
}

function ownMessage(bot: FakeBot, params: Params, what: 'edit' | 'delete'): FakeMessage {
  const chat = bot.chat(chatIdSchema.parse(params.chat_id));
  const message = bot.message(chat.id, z.int().parse(params.message_id));
  if (!message) throw badRequest(`message to ${what} not found`);
  if (message.from.id !== bot.me.id)
    throw badRequest(`message can't be ${what === 'edit' ? 'edited' : 'deleted'}`);
  return message;
}
