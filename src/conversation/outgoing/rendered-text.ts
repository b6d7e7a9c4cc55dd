import { fromMarkdown } from 'mdast-util-from-markdown';
import type { Nodes } from 'mdast';

/** Only these characters can make a text render differently from its source. */
const MARKUP = /[&\\*_~`<[\]]|[^\x00-\x7f]/u;
/** Every link, address or mention contains one of these, possibly hidden in an entity. */
const TELLING = /[.@:&\u3002\uff0e\uff61\uff20\uff1a]/u;
/** Words longer than anyone writes are not worth parsing; in UTF-16 code units. */
const LONGEST_PARSED = 4_000;

/**
 * How a piece of Markdown without white space reads once rendered: escapes and character references resolved,
 * emphasis removed, look-alike characters folded, link targets appended. `undefined` if that equals the
 * source.
 */
export function renderedText(word: string): string | undefined {
  if (!MARKUP.test(word) || !TELLING.test(word)) return undefined;
  const plain = word.length > LONGEST_PARSED ? word.replace(/[&\\*_~`]/g, '') : textOf(fromMarkdown(word));
  const plainText = plain
    .normalize('NFKC')
    .replaceAll('\u3002', '.')
    // GFM strikethrough, and stars that only looser platform parsers treat as emphasis.
    .replace(/~~|\*/g, '');
  return plainText === word ? undefined : plainText;
}

function textOf(node: Nodes): string {
  switch (node.type) {
    case 'text':
    case 'inlineCode':
    case 'code':
      return node.value;
    case 'image':
    case 'definition':
      return ` ${node.url} `;
    case 'link':
      return `${node.children.map(textOf).join('')} ${node.url} `;
    default:
      return 'children' in node ? node.children.map(textOf).join('') : '';
  }
}
