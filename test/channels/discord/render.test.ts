import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, renderMarkdown, renderMessages } from '../../../channels/discord/render.js';

describe('Markdown rendered for Discord', () => {
  it.each([
    ['**bold** _slanted_ ~~gone~~ `code`', '**bold** *slanted* ~~gone~~ `code`'],
    ['# Title\n\n#### Small', '# Title\n\n**Small**'],
    ['- one\n- two\n  - inner', '- one\n- two\n  - inner'],
    ['3. three\n4. four', '3. three\n4. four'],
    ['- [x] done\n- [ ] open', '- ☑ done\n- ☐ open'],
    ['> quoted\n> twice', '> quoted\n> twice'],
    ['```js\nlet a = 1;\n```', '```js\nlet a = 1;\n```'],
    ['[our shop](https://shop.example/a_b)', '[our shop](https://shop.example/a_b)'],
    ['https://shop.example/a_b*c', 'https://shop.example/a_b*c'],
    ['[mail](mailto:a@b.example)', 'mail (a@b.example)'],
    ['![cat](https://x.example/c.png)', '[cat](https://x.example/c.png)'],
    ['| a | b |\n|---|---|\n| 1 | 22 |', '```\na   | b\n--- | ---\n1   | 22\n```'],
    ['a\n\n---\n\nb', 'a\n\n———\n\nb'],
    ['60*90*2', '60\\*90\\*2'],
    ['satu<br>dua', 'satu\ndua'],
  ])('%j becomes %j', (markdown, expected) => {
    expect(renderMarkdown(markdown)).toBe(expected);
  });

  it.each([
    ['2 \\* 3 \\_ 4', '2 \\* 3 \\_ 4'],
    ['snake_case_name', 'snake_case_name'],
    [
      '<@123456789012345678> <#1> <t:1> </help:1> <:a:1>',
      '\\<@123456789012345678> \\<#1> \\<t:1> \\</help:1> \\<:a:1>',
    ],
    ['a || secret || b', 'a \\|\\| secret \\|\\| b'],
    ['1\\. not a list', '1\\. not a list'],
    ['\\# not a title', '\\# not a title'],
    ['<script>alert(1)</script>', '<script>alert(1)\\</script>'],
    ['``a ` b``', '`` a ` b ``'],
  ])('shows %j unchanged', (markdown, expected) => {
    expect(renderMarkdown(markdown)).toBe(expected);
  });

  it('does not end a code block early', () => {
    expect(renderMarkdown('~~~\n```\ninner\n```\n~~~')).toBe(
      '```\n`\u200b`\u200b`\ninner\n`\u200b`\u200b`\n```',
    );
  });

  it('shows something of every text with visible characters, within the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000 }), (text) => {
        const parts = renderMessages(text);
        if (/[^\p{C}\p{Z}]/u.test(text)) expect(parts.length).toBeGreaterThan(0);
        expect(parts.every((part) => part.length > 0 && part.length <= 2_000)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['>', '**a', '[a](', '- '])('survives 2,000 characters of %j', (piece) => {
    expect(renderMessages(piece.repeat(2_000 / piece.length)).every(({ length }) => length <= 2_000)).toBe(
      true,
    );
  });

  it('leaves no mention in an escaped text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeText(text)).not.toMatch(/(?<!\\)<[@#]/);
      }),
    );
  });
});
