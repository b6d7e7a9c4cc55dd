/** A language Sapa speaks. Each one has a complete file in `locales/`. */
export const LOCALES = ['en', 'id'] as const;
export type Locale = (typeof LOCALES)[number];

/** Plain or Markdown text. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

export type FileKind = 'image' | 'audio' | 'voice' | 'video' | 'document';

/** A file the platform holds; the bytes are fetched through `Channel.files` when they are needed. */
export interface FilePart {
  readonly type: 'file';
  readonly kind: FileKind;
  /** Opaque to everyone but the channel that made it. */
  readonly reference: string;
  /** As the sender named it: for display only, never used as a path. */
  readonly fileName?: string;
  /** As the platform declared it: a hint, the parser decides by content. */
  readonly mediaType?: string;
  readonly sizeBytes?: number;
}

/** What a message is made of, on every platform. */
export type MessagePart = TextPart | FilePart;

/** One line a person or the bot wrote, as history shows it. */
export interface HistoryMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'staff';
  readonly text: string;
  readonly createdAt: Date;
}
