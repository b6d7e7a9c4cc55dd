import type { FileKind, FilePart, MessagePart } from '../../src/contracts/message.js';
import type { TelegramContent, TelegramFile } from './update-schema.js';

/** The files of a message. Telegram sends one per message; an album is several messages. */
export function filePartsOf(message: TelegramContent): FilePart[] {
  const photo = largestPhoto(message);
  if (photo) return [filePart('image', photo)];
  // An animation also comes as a `document` for old clients, so it is checked first.
  if (message.animation) return [filePart('video', message.animation)];
  if (message.video) return [filePart('video', message.video)];
  if (message.video_note) return [filePart('video', message.video_note)];
  if (message.voice) return [filePart('voice', message.voice)];
  if (message.audio) return [filePart('audio', message.audio)];
  if (message.document) return [filePart('document', message.document)];
  return [];
}

/** Files, and other content a message can have instead of a text. */
export function contentPartsOf(message: TelegramContent): MessagePart[] {
  const { sticker, dice, location, venue, contact, poll, checklist } = message;
  if (sticker) {
    const emoji = sticker.emoji ? { emoji: sticker.emoji } : {};
    return [{ type: 'file', kind: 'sticker', reference: sticker.file_id, ...emoji }];
  }
  // Some emoji, sent alone, become a throw of a die or a ball.
  if (dice) return [{ type: 'text', text: dice.emoji }];
  if (venue) {
    const { title, address } = venue;
    const venueFields = { ...(title ? { name: title } : {}), ...(address ? { address } : {}) };
    return [{ type: 'location', ...venue.location, ...venueFields }];
  }
  if (location) return [{ type: 'location', ...location }];
  if (contact) {
    const name = [contact.first_name, contact.last_name].filter(Boolean).join(' ');
    return [{ type: 'contact', name, phones: [contact.phone_number] }];
  }
  if (poll) {
    return [{ type: 'poll', question: poll.question, options: poll.options.map(({ text }) => text) }];
  }
  if (checklist) {
    const lines = [checklist.title, ...checklist.tasks.map(({ text }) => `- ${text}`)];
    return [{ type: 'text', text: lines.join('\n') }];
  }
  return filePartsOf(message);
}

function filePart(kind: FileKind, file: TelegramFile): FilePart {
  return {
    type: 'file',
    kind,
    reference: file.file_id,
    ...(file.file_name ? { fileName: file.file_name } : {}),
    ...(file.mime_type ? { mediaType: file.mime_type } : {}),
    ...(typeof file.file_size === 'number' ? { sizeBytes: file.file_size } : {}),
  };
}

/** Telegram sends every photo in several sizes, always as JPEG. */
function largestPhoto(message: TelegramContent): TelegramFile | undefined {
  const area = (size: { width?: number | null | undefined; height?: number | null | undefined }): number =>
    (size.width ?? 0) * (size.height ?? 0);
  const sizes = message.photo ?? [];
  const first = sizes[0];
  if (!first) return undefined;
  const largest = sizes.reduce((best, size) => (area(size) >= area(best) ? size : best), first);
  return { file_id: largest.file_id, file_size: largest.file_size, mime_type: 'image/jpeg' };
}
