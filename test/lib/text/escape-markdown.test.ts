import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown } from '../../../src/lib/text/escape-markdown.js';
import { excerpt } from '../../../src/lib/text/excerpt.js';

const WORD_JOINER = /\u2060/g;

/** The kinds of Markdown nodes in a text, and the text a reader sees. */
function parsed(markdown: string): { readonly kinds: ReadonlySet<string>; readonly text: string } {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const kinds = new Set<string>();
  let text = '';
  const visit = (node: { type: string; value?: string; children?: readonly object[] }): void => {
    kinds.add(node.type);
    text += node.value ?? '';
    for (const child of node.children ?? []) visit(child as { type: string });
  };
  visit(tree);
  return { kinds, text };
}

const PLAIN = new Set(['root', 'paragraph', 'text']);

describe('escaped text', () => {
  it.each([
    '[Approve](https://jahat.example/x)',
    '![pic](https://jahat.example/p.png)',
    '<https://jahat.example>',
    'https://jahat.example/pay?x=1 now',
    'www.jahat.example',
    'budi@jahat.example',
    '**bold** _it_ `code` ~~gone~~ ~one~',
    '# heading',
    '- item',
    '1. first',
    '> quote',
    '&lt;b&gt; &amp; &copy;',
    '<b>hi</b>',
    '[x]: https://jahat.example',
    '\\[Approve](https://jahat.example)',
    'M.Shop_Jakarta_Timur & Co.',
  ])('is displayed as written: %s', (text) => {
    const { kinds, text: plainText } = parsed(escapeMarkdown(text));
    expect([...kinds].filter((kind) => !PLAIN.has(kind))).toEqual([]);
    expect(plainText.replace(WORD_JOINER, '')).toBe(text);
  });

  it('mentions nobody and contains no line break', () => {
    expect(escapeMarkdown('@everyone @here')).not.toMatch(/@(?:everyone|here)/);
    expect(escapeMarkdown('<@123> a\r\n\u0000# b\u202e')).toBe('\\<@\u2060123\\> a # b');
  });

  it('stays plain text, whatever it contains', () => {
    const mark = fc.constantFrom(...'[](){}<>*_~`#-+=|!&\\.:/@ \n1a', 'https://', 'www.', 'x.id');
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 30 }), (marks) => {
        const { kinds } = parsed(`- ${escapeMarkdown(marks.join(''))} · telegram`);
        expect([...kinds].filter((kind) => !PLAIN.has(kind)).sort()).toEqual(['list', 'listItem']);
      }),
    );
  });

  it('is excerpted in one line, cut between words and never inside a character', () => {
    expect(excerpt('one\n two', 20)).toBe('one two');
    expect(excerpt('what is the price of it', 17)).toBe('what is the…');
    expect(excerpt('👍👍👍👍', 3)).toBe('👍…');
  });
});
