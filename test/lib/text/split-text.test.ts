import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../src/lib/project-root.js';
import { cutText, splitText } from '../../../src/lib/text/split-text.js';

const withoutSpace = (text: string): string => text.replace(/\s+/g, '');

/** Checks what every split guarantees, whatever the text. */
function expectHonestSplit(text: string, limit: number): void {
  const parts = splitText(text, limit);
  const pieces = cutText(text, limit);
  for (const part of parts) {
    expect(part.length).toBeLessThanOrEqual(limit);
    expect(part.trim()).not.toBe('');
  }
  expect(parts).toEqual(pieces.map(({ opening, body, closing }) => opening + body + closing));
  expect(withoutSpace(pieces.map(({ body }) => body).join(''))).toBe(withoutSpace(text));
  expectWhitespaceOnlyAtJoints(
    text,
    pieces.map(({ body }) => body),
  );
}

/** Every body occurs in the text unchanged and in order, with only white space between. */
function expectWhitespaceOnlyAtJoints(text: string, bodies: readonly string[]): void {
  let end = 0;
  for (const body of bodies) {
    const start = text.indexOf(body, end);
    expect(text.slice(end, start).trim()).toBe('');
    end = start + body.length;
  }
  expect(text.slice(end).trim()).toBe('');
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        'word',
        ' ',
        '\n',
        '\n\n',
        '- ',
        '1. ',
        '> ',
        '```',
        '```js\n',
        '~~~',
        '**',
        '`',
        '[a](http://x.y/z)',
        '| a | b |\n|---|---|\n',
        '👩‍👩‍👧',
        'é',
        '🇮🇩',
        '\t',
        '# ',
        '<b>',
        '\\',
        '\r\n',
        '。',
        'Satu kalimat. ',
      ),
      { maxLength: 150 },
    )
    .map((words) => words.join('')),
);

describe('splitText', () => {
  it('keeps every part within the limit and loses nothing of any text', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 200 }), (text, limit) => expectHonestSplit(text, limit)),
      { numRuns: 3_000 },
    );
  });

  const naughty = join(projectRoot, '../shared/data/hostile/blns.json');
  it.skipIf(!existsSync(naughty))(
    'keeps the big list of naughty strings intact (skipped without the data set)',
    () => {
      const strings: unknown = JSON.parse(readFileSync(naughty, 'utf8'));
      for (const text of strings as string[]) {
        for (const limit of [2, 7, 40, 300]) expectHonestSplit(text.repeat(3), limit);
      }
    },
  );

  it('never cuts a grapheme cluster that fits into a part', () => {
    const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    const clusters = fc.array(fc.constantFrom('👩‍👩‍👧‍👦', '🇮🇩', 'e\u0301', 'नि', '👍🏽', 'a', 'ก็', ' ', '한'), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(clusters, fc.integer({ min: 24, max: 60 }), (list, limit) => {
        const text = list.join('');
        const starts = new Set(Array.from(segmenter.segment(text), ({ index }) => index));
        let end = 0;
        for (const { body } of cutText(text, limit)) {
          const start = text.indexOf(body, end);
          expect(starts.has(start)).toBe(true);
          end = start + body.length;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('returns a fitting text unchanged, and nothing for a blank one', () => {
    expect(splitText('  hello\n', 100)).toEqual(['  hello\n']);
    expect(splitText(' \n ', 100)).toEqual([]);
    expect(splitText('', 100)).toEqual([]);
    expect(splitText(' '.repeat(500), 100)).toEqual([]);
  });

  it('refuses a limit that cannot hold a character', () => {
    expect(() => splitText('hello', 1)).toThrow(RangeError);
    expect(() => splitText('hello', 2.5)).toThrow(RangeError);
  });

  it('cuts between paragraphs before it cuts one', () => {
    const first = 'First paragraph, of some length. '.repeat(3).trim();
    const second = 'Second paragraph, of some length. '.repeat(3).trim();
    expect(splitText(`${first}\n\n${second}`, 150)).toEqual([first, second]);
  });

  it('cuts between list items', () => {
    const items = Array.from({ length: 6 }, (_, index) => `- item ${index} with a few words. And more.`);
    for (const part of splitText(items.join('\n'), 90)) {
      expect(part.split('\n').every((line) => items.includes(line))).toBe(true);
    }
  });

  it('cuts at the end of a sentence', () => {
    const text = 'Kami buka pukul 9 pagi. Kami tutup pukul 5 sore. Hari Minggu kami libur.';
    expect(splitText(text, 50)).toEqual([
      'Kami buka pukul 9 pagi. Kami tutup pukul 5 sore.',
      'Hari Minggu kami libur.',
    ]);
  });

  it('moves a code block that fits to the next part instead of cutting it', () => {
    const code = '```js\nconst a = 1;\nconst b = 2;\nconst c = 3;\n```';
    const parts = splitText(`A short sentence.\n\n${code}\n\nThe end of it.`, 60);
    expect(parts).toContain(code);
  });

  it('closes a code fence that is too long and reopens it with its language', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `  console.log(${index});`);
    const parts = splitText(`Look:\n\n\`\`\`js\n${lines.join('\n')}\n\`\`\`\n\nDone.`, 120);
    const blocks = parts.filter((part) => part.includes('```'));
    expect(blocks.length).toBeGreaterThan(2);
    for (const part of blocks) expect(part.match(/^```/gm)?.length).toBe(2);
    const code = parts.flatMap((part) => part.split('\n')).filter((line) => line.startsWith('  console'));
    expect(code).toEqual(lines);
  });

  it('keeps a link, a bare URL and formatted words intact', () => {
    const link = '[our price list for the year](https://example.com/prices/2026/list)';
    const text = `Some words come first here ${link} and **bold words that belong together** then https://example.com/a/b/c end.`;
    const parts = splitText(text, 80);
    expect(parts.some((part) => part.includes(link))).toBe(true);
    expect(parts.some((part) => part.includes('**bold words that belong together**'))).toBe(true);
    expect(parts.some((part) => part.includes('https://example.com/a/b/c'))).toBe(true);
  });
});
