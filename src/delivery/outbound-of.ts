import type { OutboundMessage, SendTarget } from '../contracts/channel.js';
import type { TenantScope } from '../contracts/stores.js';
import type { Bubble, Turn } from '../contracts/turn.js';

/** Where a bubble goes, and what it refers to there. */
export function targetOf(turn: Turn, index: number): SendTarget {
  const { chat, replyToMessageId, interaction } = turn;
  // Only the first bubble quotes the question, and only where several people talk.
  const quotes = index === 0 && chat.kind === 'group' && replyToMessageId !== undefined;
  return {
    chat,
    ...(quotes ? { replyToMessageId } : {}),
    ...(interaction === undefined ? {} : { interaction: { ...interaction, isFirst: index === 0 } }),
  };
}

/** A bubble as it is sent; `undefined` when its file is no longer there. */
export async function outboundOf(
  turn: Turn,
  index: number,
  bubble: Bubble,
  scope: TenantScope,
): Promise<OutboundMessage | undefined> {
  const key = `${turn.id}:${index}`;
  const buttons = bubble.buttons === undefined ? {} : { buttons: bubble.buttons };
  switch (bubble.type) {
    case 'text':
      return { type: 'text', key, text: bubble.text, ...buttons };
    case 'edit':
      return { type: 'edit', key, messageId: bubble.messageId, text: bubble.text, ...buttons };
    case 'file': {
      const { id, kind, fileName, mediaType } = bubble.file;
      const bytes = await scope.files.read(id);
      if (bytes === undefined) return undefined;
      const caption = bubble.text === '' ? {} : { caption: bubble.text };
      return { type: 'file', key, kind, fileName, mediaType, bytes, ...caption, ...buttons };
    }
    default:
      return bubble satisfies never;
  }
}
