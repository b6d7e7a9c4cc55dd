import type { FileKind } from '../contracts/message.js';

/** How a chat displays a file, based on its media type. Only the sender can mark a file as a voice note. */
export function fileKindOf(mediaType: string): FileKind {
  const [family] = mediaType.split('/');
  if (family === 'image' && mediaType !== 'image/svg+xml') return 'image';
  if (family === 'audio' || family === 'video') return family;
  return 'document';
}
