import { normalizeMessageContent, type proto } from '@whiskeysockets/baileys';

const MEDIA = ['imageMessage', 'videoMessage', 'audioMessage', 'documentMessage', 'stickerMessage'] as const;

/** What the stanza tells the server about a message without revealing its content. */
export function stanzaType(message: proto.IMessage): 'reaction' | 'media' | 'text' {
  const content = normalizeMessageContent(message);
  if (content?.reactionMessage) return 'reaction';
  return MEDIA.some((kind) => content?.[kind]) ? 'media' : 'text';
}
