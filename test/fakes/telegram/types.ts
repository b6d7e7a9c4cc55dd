import type { TextEntity } from './telegram-html.js';

export interface FakeUser {
  readonly id: number;
  readonly is_bot: boolean;
  readonly first_name: string;
  readonly username?: string;
  readonly language_code?: string;
}

export interface FakeChat {
  readonly id: number;
  readonly type: 'private' | 'group' | 'supergroup';
  readonly title?: string;
  readonly first_name?: string;
  readonly is_forum?: boolean;
  /** The direct messages of a channel. */
  readonly is_direct_messages?: boolean;
}

export interface InlineButton {
  readonly text: string;
  readonly callback_data?: string;
}

/** One person's chat in the direct messages of a channel. */
export interface DirectTopic {
  readonly topic_id: number;
  readonly user: FakeUser;
}

/** A message as Telegram stores it; the additional fields depend on its kind of content. */
export interface FakeMessage {
  readonly message_id: number;
  readonly date: number;
  readonly chat: FakeChat;
  readonly from: FakeUser;
  readonly text?: string;
  readonly entities?: readonly TextEntity[];
  readonly reply_to_message?: { readonly message_id: number; readonly from: FakeUser };
  readonly message_thread_id?: number;
  readonly is_topic_message?: true;
  readonly direct_messages_topic?: DirectTopic;
  readonly reply_markup?: { readonly inline_keyboard: readonly (readonly InlineButton[])[] };
  readonly [content: string]: unknown;
}

export interface FakeFile {
  readonly file_id: string;
  readonly file_path: string;
  readonly bytes: Uint8Array;
  /** The claimed size, which some tests falsify. */
  readonly file_size: number;
}

export type Params = Readonly<Record<string, unknown>>;
