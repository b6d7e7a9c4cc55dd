import type { FileKind, FilePart } from '../../src/contracts/message.js';
import type { TelegramFile, TelegramMessage } from './update-schema.js';

/** The files of a message. Telegram sends one per message; an album is several messages. */
export function filePartsOf(message: TelegramMessage): FilePart[] {
  const photo = largestPhoto(message);
  if (photo) return [filePart('image', photo)];
  // An animation is repeated as `document` for old clients, so it is looked at first.
  if (message.animation) return [filePart('video', message.animation)];
  if (message.video) return [filePart('video', message.video)];
  if (message.video_note) return [filePart('video', message.video_note)];
  if (message.voice) return [filePart('voice', message.voice)];
  if (message.audio) return [filePart('audio', message.audio)];
  if (message.document) return [filePart('document', message.document)];
  return [];
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
function largestPhoto(message: TelegramMessage): TelegramFile | undefined {
  const area = (size: { width?: number | null | undefined; height?: number | null | undefined }): number =>
    (size.width ?? 0) * (size.height ?? 0);
  const sizes = message.photo ?? [];
  const first = sizes[0];
  if (!first) return undefined;
  const largest = sizes.reduce((best, size) => (area(size) >= area(best) ? size : best), first);
  return { file_id: largest.file_id, file_size: largest.file_size, mime_type: 'image/jpeg' };
}
