import type { FileKind, FilePart, MessagePart } from '../../../src/contracts/message.js';
import { toReference } from '../files.js';
import type { DiscordAttachment, DiscordContent, DiscordUser } from './dispatch-schema.js';

/** Flag of a voice message. */
const VOICE = 1 << 13;

interface Place {
  readonly channelId?: string;
  readonly messageId?: string;
}

/**
 * Converts a message's content to neutral parts. `place` identifies the message for fetching its files again;
 * `ours` are the ids of the bot's user and roles.
 */
export function partsOf(content: DiscordContent, place: Place, ours: readonly string[] = []): MessagePart[] {
  const text = readable(withoutLeadingMention(content.content ?? '', ours), content.mentions ?? []);
  const isVoice = ((content.flags ?? 0) & VOICE) !== 0;
  const poll = content.poll;
  return [
    ...(text.trim() === '' ? [] : [{ type: 'text', text } as const]),
    ...(content.attachments ?? []).map((attachment) => filePart(attachment, place, isVoice)),
    ...(content.sticker_items ?? []).map(({ name }): MessagePart => ({
      type: 'text',
      text: `:${name ?? 'sticker'}:`,
    })),
    ...(poll
      ? [
          {
            type: 'poll',
            question: poll.question.text ?? '',
            options: (poll.answers ?? []).map((answer) => answer.poll_media?.text ?? ''),
          } as const,
        ]
      : []),
  ];
}

export function filePart(attachment: DiscordAttachment, place: Place, isVoice = false): FilePart {
  const { id, url, filename, content_type: mediaType, size, duration_secs: seconds } = attachment;
  return {
    type: 'file',
    kind: isVoice ? 'voice' : kindOf(mediaType ?? ''),
    reference: toReference({ url, id, ...place }),
    ...(filename ? { fileName: filename } : {}),
    ...(mediaType ? { mediaType } : {}),
    ...(typeof size === 'number' ? { sizeBytes: size } : {}),
    ...(typeof seconds === 'number' ? { durationSeconds: seconds } : {}),
  };
}

function kindOf(mediaType: string): FileKind {
  if (mediaType.startsWith('image/')) return 'image';
  if (mediaType.startsWith('audio/')) return 'audio';
  return mediaType.startsWith('video/') ? 'video' : 'document';
}

/** Turns "@bot, are you open?" into "are you open?". A text that is only the mention stays as it is. */
function withoutLeadingMention(text: string, ours: readonly string[]): string {
  const [mention = '', id = ''] = /^\s*<@[!&]?(\d+)>[\s,:;–—-]*/.exec(text) ?? [];
  const rest = text.slice(mention.length);
  return rest === '' || !ours.includes(id) ? text : rest;
}

/** Replaces the ids of people, emoji and commands with their names, and timestamps with the time. */
function readable(text: string, mentions: readonly DiscordUser[]): string {
  return text
    .replace(/<@!?(\d+)>/g, (token, id: string) => {
      const name = nameOf(mentions.find((user) => user.id === id));
      return name === undefined ? token : `@${name}`;
    })
    .replace(/<a?:(\w{2,32}):\d+>/g, ':$1:')
    .replace(/<(\/[^:<>]{1,100}):\d+>/g, '$1')
    .replace(/<t:(\d{1,12})(?::[a-zA-Z])?>/g, (_, seconds: string) => utcTime(Number(seconds) * 1000));
}

function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function nameOf(user: DiscordUser | undefined): string | undefined {
  return user?.global_name || user?.username || undefined;
}
