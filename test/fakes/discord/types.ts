export type Json = Readonly<Record<string, unknown>>;

export interface FakeUser {
  readonly id: string;
  readonly username: string;
  readonly global_name: string | null;
  readonly discriminator: string;
  readonly avatar: null;
  readonly bot?: boolean;
}

export interface FakeFile {
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The claimed size, which some tests falsify. */
  readonly size: number;
}

export interface FakeAttachment {
  readonly id: string;
  readonly filename: string;
  readonly size: number;
  readonly content_type: string;
  readonly url: string;
  readonly proxy_url: string;
  readonly [field: string]: unknown;
}

/** A message as Discord stores it. */
export interface FakeMessage {
  readonly id: string;
  readonly type: number;
  readonly channel_id: string;
  readonly author: FakeUser;
  readonly content: string;
  readonly timestamp: string;
  readonly edited_timestamp: string | null;
  readonly attachments: readonly FakeAttachment[];
  readonly embeds: readonly unknown[];
  readonly components: readonly FakeRow[];
  readonly mentions: readonly FakeUser[];
  readonly flags: number;
  readonly nonce?: string | number;
  readonly [field: string]: unknown;
}

export interface FakeRow {
  readonly type: number;
  readonly components: readonly FakeComponent[];
}

export interface FakeComponent {
  readonly type: number;
  readonly custom_id?: string;
  readonly label?: string;
  readonly options?: readonly { readonly label: string; readonly value: string }[];
  readonly [field: string]: unknown;
}

export type Permission =
  | 'VIEW_CHANNEL'
  | 'SEND_MESSAGES'
  | 'READ_MESSAGE_HISTORY'
  | 'ATTACH_FILES'
  | 'ADD_REACTIONS'
  | 'CREATE_PUBLIC_THREADS'
  | 'SEND_MESSAGES_IN_THREADS';

/** 0 text, 1 DM, 11 public thread, 15 forum. */
export type ChannelType = 0 | 1 | 11 | 15;

export interface FakeChannel {
  readonly id: string;
  readonly type: ChannelType;
  readonly guildId?: string;
  readonly name?: string;
  /** For threads. */
  readonly parentId?: string;
  readonly ownerId?: string;
  /** For DMs: the person and the bot's application. */
  readonly recipient?: FakeUser;
  readonly botId?: string;
  /** Permissions the bots lack here. */
  readonly denied: Set<Permission>;
  archived: boolean;
  locked: boolean;
  lastMessageId?: string;
  /** A post whose author has not written its first message yet, so nobody else may write there. */
  awaitsFirstMessage: boolean;
}

export interface FakeGuild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly roles: { readonly id: string; readonly name: string }[];
  /** Application ids of the guild's bots. */
  readonly bots: Set<string>;
  /** Ids of people who are not in the guild; everybody else is. */
  readonly left: Set<string>;
}
