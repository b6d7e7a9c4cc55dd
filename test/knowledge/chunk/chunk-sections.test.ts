import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk, DocumentKind } from '../../../src/contracts/knowledge.js';
import { CHUNK_SIZE, chunkSections, SHORT_TABLE_ROWS } from '../../../src/knowledge/chunk/chunk-sections.js';
import type { ChunkSource } from '../../../src/knowledge/chunk/chunk-sections.js';

const cut = (sections: readonly ChunkSource[], kind: DocumentKind = 'text'): Chunk[] => [
  ...chunkSections(sections, { documentId: 'doc_1', generation: 3, kind }),
];
const texts = (text: string): string[] => cut([{ headings: [], text }]).map((chunk) => chunk.text);
const letters = (text: string): string => text.replace(/\s+/gu, '');

describe('chunking a document', () => {
  it('numbers the chunks and puts document and generation into their ids', () => {
    const chunks = cut([
      { headings: ['A'], text: 'one' },
      { headings: ['A', 'B'], text: 'two' },
    ]);
    expect(chunks).toEqual([
      { id: 'doc_1:3:0', documentId: 'doc_1', ordinal: 0, headings: ['A'], text: 'one' },
      { id: 'doc_1:3:1', documentId: 'doc_1', ordinal: 1, headings: ['A', 'B'], text: 'two' },
    ]);
  });

  it('ends each chunk at the end of a sentence', () => {
    const sentence = 'Pesanan di atas dua ratus ribu rupiah dikirim gratis ke seluruh Indonesia. ';
    const chunks = texts(sentence.repeat(60));
    expect(chunks.length).toBeGreaterThan(3);
    for (const chunk of chunks) {
      expect(chunk.endsWith('Indonesia.')).toBe(true);
      expect(chunk.length).toBeLessThanOrEqual(CHUNK_SIZE.maximum);
    }
  });

  it('never cuts a list item or a table row', () => {
    const items = Array.from(
      { length: 80 },
      (_, index) => `- Item ${index}: it has a text. And another one.`,
    );
    const chunks = texts(items.join('\n'));
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.flatMap((chunk) => chunk.split('\n'))).toEqual(items);
  });

  it('leaves no tiny chunk at the end', () => {
    const paragraph = 'This sentence is here to fill the chunk with words. '.repeat(19).trim();
    expect(texts(`${paragraph}\n\nThe end.`)).toHaveLength(1);
  });

  it('gives each row of a short table a chunk, and groups the rows of a long one', () => {
    const rows = (count: number): ChunkSource[] =>
      Array.from({ length: count }, (_, index) => ({
        headings: [],
        text: `name: Product ${index}; price: ${index}`,
      }));
    expect(cut(rows(SHORT_TABLE_ROWS), 'csv')).toHaveLength(SHORT_TABLE_ROWS);
    const long = cut(rows(SHORT_TABLE_ROWS + 1), 'csv');
    expect(long.length).toBeLessThan(SHORT_TABLE_ROWS / 10);
    expect(long.flatMap((chunk) => chunk.text.split('\n'))).toEqual(
      rows(SHORT_TABLE_ROWS + 1).map((row) => row.text),
    );
  });

  it('never cuts inside a character', () => {
    const family = '👨‍👩‍👧‍👦';
    const chunks = texts(family.repeat(2000));
    expect(chunks.length).toBeGreaterThan(1);
    for (const chunk of chunks) expect(letters(chunk).replaceAll(family, '')).toBe('');
  });

  it('keeps the whole text in order, without empty or oversized chunks, for any text', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom('a.', 'b!', '- ', '1. ', '|'),
    );
    const text = fc
      .array(fc.tuple(word, fc.constantFrom(' ', ' ', ' ', '\n', '\n\n', '. ', '')), { maxLength: 800 })
      .map((pairs) => pairs.flat().join(''));
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 3 }),
        fc.constantFrom<DocumentKind>('text', 'csv'),
        (sections, kind) => {
          const chunks = cut(
            sections.map((section) => ({ headings: [], text: section })),
            kind,
          );
          for (const chunk of chunks) {
            expect(chunk.text.trim()).not.toBe('');
            expect(chunk.text.length).toBeLessThanOrEqual(CHUNK_SIZE.maximum);
          }
          expect(letters(chunks.map((chunk) => chunk.text).join(''))).toBe(letters(sections.join('')));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('cuts a megabyte without spaces', () => {
    const chunks = texts('x'.repeat(1024 * 1024));
    expect(chunks.join('').length).toBe(1024 * 1024);
  });
});
