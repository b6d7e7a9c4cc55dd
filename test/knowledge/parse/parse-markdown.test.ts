import { describe, expect, it } from 'vitest';
import { parseMarkdown } from '../../../src/knowledge/parse/parse-markdown.js';

describe('a Markdown document', () => {
  it('keeps its heading hierarchy', () => {
    const { title, sections } = parseMarkdown(
      'intro\n\n# A\n\none\n\n## B\n\ntwo\n\n### C\n\nthree\n\n## D\n\nfour',
    );
    expect(title).toBe('A');
    expect(sections).toEqual([
      { headings: [], text: 'intro' },
      { headings: ['A'], text: 'one' },
      { headings: ['A', 'B'], text: 'two' },
      { headings: ['A', 'B', 'C'], text: 'three' },
      { headings: ['A', 'D'], text: 'four' },
    ]);
  });

  it('keeps the text of lists, tables, code, links and images', () => {
    const { sections } = parseMarkdown(
      [
        '- first',
        '  - inner',
        '- second',
        '',
        '3. third',
        '',
        '| Kota | Ongkir |',
        '|---|---|',
        '| Bandung | 15.000 |',
        '| Medan | 40.000 |',
        '',
        'See [the map](https://maps.example/x) or <https://shop.example>, mail [us](mailto:a@b.example).',
        '',
        '```',
        'npm start',
        '```',
        '',
        '> quoted **bold** `code` ~~old~~',
        '',
        '![our shop](shop.png) <b>big</b><br>new',
      ].join('\n'),
    );
    expect(sections[0]?.text.split('\n\n')).toEqual([
      '- first\n  - inner\n- second',
      '3. third',
      'Kota: Bandung; Ongkir: 15.000\nKota: Medan; Ongkir: 40.000',
      'See the map (https://maps.example/x) or https://shop.example, mail us (a@b.example).',
      'npm start',
      'quoted bold code old',
      'our shop big\nnew',
    ]);
  });

  it('keeps headings without any text below them', () => {
    const text = parseMarkdown('# A\n\n## B\n\n## C\n\ntext\n\n## D')
      .sections.flatMap((section) => [...section.headings, section.text])
      .join(' ');
    for (const heading of ['A', 'B', 'C', 'D']) expect(text).toContain(heading);
  });

  it('takes its title from the front matter', () => {
    const { title, sections } = parseMarkdown('---\ntitle: "Jam buka"\ntags: [a]\n---\n\nSetiap hari.');
    expect([title, sections]).toEqual(['Jam buka', [{ headings: [], text: 'Setiap hari.' }]]);
  });
});
