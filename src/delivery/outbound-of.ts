import type { ChatAddress, OutboundMessage, SendTarget } from '../contracts/channel.js';
import type { Connected } from '../contracts/chat.js';
import type { TenantScope } from '../contracts/stores.js';
import type { Bubble, BubbleDelivery, Turn } from '../contracts/turn.js';

/** The delivery state of a bubble that is about to be handed to the platform. */
export function sendingNow(
  chat: ChatAddress,
  { channel, account }: Connected,
  by: { readonly owner: string; readonly since: Date; readonly attempt: number },
): BubbleDelivery {
  const after = channel.recovery?.newestId({ chat }, account);
  return { state: 'sending', ...by, ...(after === undefined ? {} : { after }) };
}

/** Where a bubble goes and which message it replies to there. */
export function targetOf(turn: Turn, index: number): SendTarget {
  const { chat, replyToMessageId, interaction } = turn;
  // Only the first bubble quotes the question, and only in groups.
  const quotes = index === 0 && chat.kind === 'group' && replyToMessageId !== undefined;
  return {
    chat,
    ...(quotes ? { replyToMessageId } : {}),
    ...(interaction === undefined ? {} : { interaction: { ...interaction, isFirst: index === 0 } }),
  };
}

/** A bubble in the form in which it is sent; `undefined` if its file no longer exists. */
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
