import type { AnyMessageContent } from '@whiskeysockets/baileys';
import type { OutboundMessage } from '../../../src/contracts/channel.js';
import { renderText } from '../render.js';

type FileMessage = Extract<OutboundMessage, { type: 'file' }>;

/**
 * Sends a file in the form people expect on WhatsApp: media plays in the chat, everything else is a document.
 */
export function fileContent(message: FileMessage): AnyMessageContent {
  const { bytes, mediaType, fileName } = message;
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = message.caption === undefined ? '' : renderText(message.caption);
  const caption = text === '' ? {} : { caption: text };
  switch (message.kind) {
    case 'image':
      return { image: data, mimetype: mediaType, ...caption };
    case 'video':
      return { video: data, mimetype: mediaType, ...caption };
    case 'voice':
      return { audio: data, mimetype: 'audio/ogg; codecs=opus', ptt: true };
    case 'audio':
      return { audio: data, mimetype: mediaType };
    case 'sticker':
      return { sticker: data, mimetype: mediaType };
    case 'document':
      return { document: data, mimetype: mediaType, fileName, ...caption };
    default:
      return message.kind satisfies never;
  }
}

/** Text without a link preview, so that we never fetch what a text links to. */
export function textContent(markdown: string): AnyMessageContent & { readonly text: string } {
  const rendered = renderText(markdown);
  return { text: rendered === '' ? markdown : rendered, linkPreview: null };
}
