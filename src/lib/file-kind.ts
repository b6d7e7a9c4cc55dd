import type { FileKind } from '../contracts/message.js';

/** How a file is shown in a chat, by its media type. A voice note is told apart by its sender only. */
export function fileKindOf(mediaType: string): FileKind {
  const [family] = mediaType.split('/');
  if (family === 'image' && mediaType !== 'image/svg+xml') return 'image';
  if (family === 'audio' || family === 'video') return family;
  return 'document';
}
