import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderMarkdown as forDiscord } from '../../../channels/discord/render.js';
import { renderHtml } from '../../../channels/telegram/render.js';
import { renderText } from '../../../channels/whatsapp/render.js';
import { escapeMarkdown } from '../../../src/lib/text/escape-markdown.js';

const PLATFORMS: readonly (readonly [string, (markdown: string) => string])[] = [
  ['Discord', forDiscord],
  ['Telegram', (markdown) => unescaped(renderHtml(markdown).html)],
  ['WhatsApp', renderText],
];

/** The text that people see of our HTML. */
function unescaped(html: string): string {
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|amp|quot);/g, (all, name: string) => entities[name] ?? all);
}

const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '');

/** Words mixed with any Markdown syntax except links, for which each platform has its own rules. */
const mixture = fc
  .array(
    fc.constantFrom(
      'kopi',
      ' ',
      '**',
      '_',
      '~~kopi~~ ',
      '`kopi` ',
      '\n',
      '\n\n',
      '- ',
      '> ',
      '# ',
      '|',
      '\\',
    ),
    {
      maxLength: 40,
    },
  )
  .map((pieces) => pieces.join(''));

it.each(PLATFORMS)('loses no word on %s, whatever surrounds it', (_, render) => {
  fc.assert(
    fc.property(mixture, (markdown) => {
      expect(letters(render(markdown))).toBe(letters(markdown));
    }),
    { numRuns: 300 },
  );
});

it.each(PLATFORMS)('shows a name unchanged on %s, and the rest after it', (_, render) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (name) => {
      const text = render(`**${escapeMarkdown(`x${name}x`)}:** hello`);
      expect(letters(text)).toBe(letters(`x${name}x hello`));
    }),
    { numRuns: 300 },
  );
});
