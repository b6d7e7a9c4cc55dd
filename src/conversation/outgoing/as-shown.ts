import { fromMarkdown } from 'mdast-util-from-markdown';
import type { Nodes } from 'mdast';

/** Only these can make a text look different from how it is written. */
const MARKUP = /[&\\*_~`<[\]]|[^\x00-\x7f]/u;
/** Links, addresses and mentions need one of these, also when it is still hidden in an entity. */
const TELLING = /[.@:&\u3002\uff0e\uff61\uff20\uff1a]/u;
/** Parsing much longer words than anyone writes is work for nothing, in UTF-16 code units. */
const LONGEST_PARSED = 4_000;

/**
 * What a piece of Markdown without white space reads like once it is rendered: escapes and
 * character references resolved, emphasis gone, look-alike signs folded, targets of links behind
 * it. `undefined` when that is no other than what is written.
 */
export function asShown(word: string): string | undefined {
  if (!MARKUP.test(word) || !TELLING.test(word)) return undefined;
  const plain = word.length > LONGEST_PARSED ? word.replace(/[&\\*_~`]/g, '') : textOf(fromMarkdown(word));
  const plainText = plain
    .normalize('NFKC')
    .replaceAll('\u3002', '.')
    // Strikethrough of GFM, and stars that are emphasis only to the looser parsers of platforms.
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
