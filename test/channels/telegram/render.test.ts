import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../../channels/telegram/render.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import { parseTelegramHtml } from '../../fakes/telegram/telegram-html.js';

const html = (markdown: string): string => renderHtml(markdown).html;

/** Telegram accepts the HTML and sees as much text as we counted. */
function expectTaken(markdown: string): void {
  const rendered = renderHtml(markdown);
  expect(parseTelegramHtml(rendered.html).text.trim().length).toBe(rendered.length);
}

describe('renderHtml', { timeout: 120_000 }, () => {
  it.each([
    ['**bold** and *italic* and ~~gone~~', '<b>bold</b> and <i>italic</i> and <s>gone</s>'],
    ['3~5 hari, Rp10.000~20.000', '3~5 hari, Rp10.000~20.000'],
    ['***both***', '<i><b>both</b></i>'],
    ['run `a < b && c`', 'run <code>a &lt; b &amp;&amp; c</code>'],
    ['# Prices\n\nfrom 10', '<b>Prices</b>\n\nfrom 10'],
    [
      '[site](https://example.com/?a=1&b="2")',
      '<a href="https://example.com/?a=1&amp;b=&quot;2&quot;">site</a>',
    ],
    ['see https://example.com now', 'see <a href="https://example.com">https://example.com</a> now'],
    ['[click](javascript:alert(1))', 'click'],
    ['- one\n- two\n  - inner', '• one\n• two\n   • inner'],
    ['3. three\n4. four', '3. three\n4. four'],
    ['- [x] done\n- [ ] open', '• ☑ done\n• ☐ open'],
    ['> wise\n> words', '<blockquote>wise\nwords</blockquote>'],
    ['> a\n>> b', '<blockquote>a\n\nb</blockquote>'],
    ['```js\nif (a < b) {}\n```', '<pre><code class="language-js">if (a &lt; b) {}</code></pre>'],
    ['```\nplain\n```', '<pre>plain</pre>'],
    ['<b onclick="x">raw</b> & <script>', 'raw &amp; &lt;script&gt;'],
    ['line one\nline two', 'line one\nline two'],
    ['![logo](https://example.com/a.png)', '<a href="https://example.com/a.png">logo</a>'],
    ['[our list][1]\n\n[1]: https://example.com', '<a href="https://example.com">our list</a>'],
    ['a\n\n---\n\nb', 'a\n\n———\n\nb'],
    ['60*90*2 dan 3*4 tapi *miring*', '60*90*2 dan 3*4 tapi <i>miring</i>'],
    ['`60*90*2`', '<code>60*90*2</code>'],
    ['17. Merah\n25. Biru', '17. Merah\n25. Biru'],
    ['satu<br>dua<br/>tiga <b>tebal</b>', 'satu\ndua\ntiga tebal'],
    ['<ul>\n<li>Kopi</li>\n<li>Teh</li>\n</ul>', '• Kopi\n• Teh'],
    [
      '<table><tr><th>Menu</th><th>Harga</th></tr>\n<tr><td>Kopi</td><td>10</td></tr></table>',
      'Menu | Harga\nKopi | 10',
    ],
    ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
    ['Harga: Rp10.000 / kg!', 'Harga: Rp10.000 / kg!'],
  ])('renders %j', (markdown, expected) => expect(html(markdown)).toBe(expected));

  it('aligns the columns of a table', () => {
    expect(html('| Menu | Price |\n|---|---|\n| Kopi | 10 |\n| Es teh manis | 5 |')).toBe(
      '<pre>Menu         | Price\n------------ | -----\nKopi         | 10\nEs teh manis | 5</pre>',
    );
  });

  it('keeps code inside a list as written', () => {
    expect(html('- do:\n\n  ```\n  a\n    b\n  ```')).toBe('• do:\n   <pre>a\n  b</pre>');
  });

  it('counts only visible characters', () => {
    expect(renderHtml('**a** & [b](https://example.com)').length).toBe('a & b'.length);
  });

  it('replaces lone surrogates and drops control characters', () => {
    expect(html('a\ud800b\u0000c\u0007')).toBe('a\ufffdbc');
  });

  it('makes valid HTML of any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), expectTaken), { numRuns: 500 });
  });

  it('recognises a checkbox only in a list item', () => {
    expect(html('*\n[ ] *')).not.toContain('☐');
    expect(html('- [ ] milk\n- [x] bread')).toContain('☑ bread');
  });

  it('makes valid HTML of any mixture of Markdown', () => {
    const token = fc.constantFrom(
      ...[
        '*',
        '**',
        '_',
        '~~',
        '`',
        '```',
        '\n',
        '\n\n',
        '> ',
        '- ',
        '1. ',
        '# ',
        '[',
        '](',
        ')',
        '![',
        '<',
        '>',
      ],
      ...[
        '&',
        '&lt;',
        '"',
        "'",
        'https://x.y/z',
        'word',
        ' ',
        '|',
        '|-|-|',
        '<b>',
        '</b>',
        '\\',
        '[^1]',
        '[^1]: n',
      ],
      ...['[a]: https://x.y', '[a]', '    ', '\t', '[ ] ', '&#x3c;', '<!--', 'www.a.id', 'a@b.co', '\r\n'],
    );
    const mixture = fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join(''));
    fc.assert(fc.property(mixture, expectTaken), { numRuns: 1_000 });
  });

  const naughty = join(projectRoot, '../shared/data/hostile/blns.json');
  it.skipIf(!existsSync(naughty))(
    'makes valid HTML of naughty strings (skipped without the data set)',
    () => {
      const strings: unknown = JSON.parse(readFileSync(naughty, 'utf8'));
      for (const text of strings as string[]) {
        for (const dressed of [
          text,
          `**${text}**`,
          `[${text}](https://x.y)`,
          `\`\`\`${text}\n${text}`,
          `> - ${text}`,
        ]) {
          expectTaken(dressed);
        }
      }
    },
  );

  it.each(['>', '*', '[', '- ', '`', '_a', '**a', '![', '~~a', '<', '1. ', '|'])(
    'survives 4,000 characters of %j',
    (piece) => expectTaken(piece.repeat(Math.floor(4_000 / piece.length))),
  );
});
