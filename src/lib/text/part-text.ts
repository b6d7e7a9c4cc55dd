import type { MessagePart } from '../../contracts/message.js';

/** A message part described in words, for the history, titles and the model. */
export function partText(part: MessagePart): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'file':
      return `[${part.fileName ?? part.emoji ?? part.kind}]`;
    case 'location': {
      const place = [part.name, part.address].filter((text) => text !== undefined).join(', ');
      const degrees = `${part.latitude}, ${part.longitude}`;
      return `[${place === '' ? degrees : `${place}: ${degrees}`}]`;
    }
    case 'contact':
      return `[${[part.name, ...part.phones].join(', ')}]`;
    case 'poll':
      return `[${[part.question, ...part.options].join(' / ')}]`;
    default:
      return part satisfies never;
  }
}
