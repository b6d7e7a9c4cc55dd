/** A language Sapa speaks. Each one has a complete file in `locales/`. */
export const LOCALES = ['en', 'id'] as const;
export type Locale = (typeof LOCALES)[number];

/** Plain or Markdown text. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

export type FileKind = 'image' | 'audio' | 'voice' | 'video' | 'document' | 'sticker';

/** A file held by the platform; its bytes are fetched through `Channel.files` when needed. */
export interface FilePart {
  readonly type: 'file';
  readonly kind: FileKind;
  /** Opaque to everyone but the channel that made it. */
  readonly reference: string;
  /** As named by the sender: for display only, never used as a path. */
  readonly fileName?: string;
  /** As declared by the platform: only a hint, since the parser decides by content. */
  readonly mediaType?: string;
  readonly sizeBytes?: number;
  readonly durationSeconds?: number;
  /** The sticker's emoji, if it has one. */
  readonly emoji?: string;
}

export interface LocationPart {
  readonly type: 'location';
  /** Degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
  readonly name?: string;
  readonly address?: string;
}

/** A contact card the sender shared; not the sender's own data. */
export interface ContactPart {
  readonly type: 'contact';
  readonly name: string;
  readonly phones: readonly string[];
}

export interface PollPart {
  readonly type: 'poll';
  readonly question: string;
  readonly options: readonly string[];
}

/** What a message is made of, on every platform. */
export type MessagePart = TextPart | FilePart | LocationPart | ContactPart | PollPart;

/** The message that another one quotes or replies to, as far as the platform reveals it. */
export interface QuotedMessage {
  readonly messageId?: string;
  readonly from: 'bot' | 'sender' | 'other';
  /** Name of the quoted person, if it is somebody else. */
  readonly name?: string;
  readonly parts: readonly MessagePart[];
}

/** One message by a person or the bot, as the history shows it. */
export interface HistoryMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'staff';
  readonly text: string;
  readonly createdAt: Date;
}
