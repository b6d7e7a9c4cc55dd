import { randomUUID } from 'node:crypto';
import type { FakeBot } from './fake-bot.js';
import type { TextEntity } from './telegram-html.js';
import type { FakeChat, FakeMessage, FakeUser } from './types.js';
import type { FakeUpdate } from './update-queue.js';

export interface SendDetails {
  readonly replyTo?: FakeMessage;
  readonly threadId?: number;
  readonly albumId?: string;
  readonly caption?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A person using Telegram: writes, edits, presses buttons, blocks the bot. */
export class FakePerson {
  constructor(
    private readonly bot: FakeBot,
    private readonly user: FakeUser,
    private readonly where: FakeChat,
  ) {}

  /** Sends a text; Telegram marks the commands and mentions in it. */
  sends(text: string, details: SendDetails = {}): FakeMessage {
    return this.sendsRaw({ text, ...entitiesIn(text, 'entities') }, details);
  }

  sendsPhoto(bytes: Uint8Array, details: SendDetails = {}): FakeMessage {
    const small = this.bot.addFile(bytes.subarray(0, Math.ceil(bytes.byteLength / 2)), 'small.jpg');
    const large = this.bot.addFile(bytes, 'large.jpg');
    const size = (file: typeof small, edge: number) => ({
      file_id: file.file_id,
      file_unique_id: `u${file.file_id}`,
      file_size: file.file_size,
      width: edge,
      height: edge,
    });
    return this.sendsRaw({ photo: [size(small, 90), size(large, 800)], ...captionOf(details) }, details);
  }

  /** `kind` is the field name in the Bot API, such as `document` or `voice`. */
  sendsFile(
    kind: 'document' | 'voice' | 'audio' | 'video',
    bytes: Uint8Array,
    name: string,
    mimeType: string,
    details: SendDetails = {},
  ): FakeMessage {
    const file = this.bot.addFile(bytes, name);
    const content = {
      file_id: file.file_id,
      file_unique_id: `u${file.file_id}`,
      file_size: file.file_size,
      file_name: name,
      mime_type: mimeType,
    };
    return this.sendsRaw({ [kind]: content, ...captionOf(details) }, details);
  }

  /** Sends any content, e.g. a service message. */
  sendsRaw(content: Readonly<Record<string, unknown>>, details: SendDetails = {}): FakeMessage {
    const { replyTo, threadId, albumId, extra } = details;
    const message = this.bot.store(this.where, this.user, {
      ...content,
      ...(replyTo ? { reply_to_message: replyTo } : {}),
      ...(threadId === undefined ? {} : { message_thread_id: threadId, is_topic_message: true }),
      ...(albumId === undefined ? {} : { media_group_id: albumId }),
      ...extra,
    });
    this.bot.updates.push({ message });
    return message;
  }

  edits(message: FakeMessage, text: string): FakeUpdate {
    const edited = { ...message, text, edit_date: Math.floor(Date.now() / 1000) };
    this.bot.replace(edited);
    return this.bot.updates.push({ edited_message: edited });
  }

  /** Presses the button with this label or data under one of the bot's messages; returns the query's id. */
  presses(message: FakeMessage, button: string): string {
    const current = this.bot.message(message.chat.id, message.message_id) ?? message;
    const inlineButton = (current.reply_markup?.inline_keyboard ?? [])
      .flat()
      .find(({ text, callback_data: data }) => text === button || data === button);
    if (!inlineButton) throw new Error(`there is no button "${button}"`);
    const id = randomUUID();
    this.bot.presses.set(id, false);
    this.bot.updates.push({
      callback_query: {
        id,
        from: this.user,
        chat_instance: '1',
        message: current,
        data: inlineButton.callback_data,
      },
    });
    return id;
  }

  blocks(): void {
    this.bot.blockedBy.add(this.where.id);
  }
}

function captionOf({ caption }: SendDetails) {
  return caption === undefined ? {} : { caption, ...entitiesIn(caption, 'caption_entities') };
}

function entitiesIn(text: string, field: 'entities' | 'caption_entities'): Record<string, TextEntity[]> {
  const entities = [
    ...Array.from(text.matchAll(/(?<!\S)\/[a-z0-9_]{1,32}(?:@\w+)?/gi), (match) =>
      entity('bot_command', match),
    ),
    ...Array.from(text.matchAll(/(?<!\S)@\w+/g), (match) => entity('mention', match)),
  ];
  return entities.length === 0 ? {} : { [field]: entities };
}

function entity(type: string, match: RegExpExecArray): TextEntity {
  return { type, offset: match.index, length: match[0].length };
}
