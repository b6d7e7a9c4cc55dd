import { describe, expect, it } from 'vitest';
import type { Text } from '../../../src/knowledge/understanding/matching/features.js';
import { TextPacker } from '../../../src/knowledge/understanding/texts/packed-texts.js';
import { lexicon, nearness } from '../../../src/knowledge/understanding/words/lexicon.js';
import { VocabularyBuilder } from '../../../src/knowledge/understanding/words/vocabulary.js';

const words = lexicon();
const names = words.table.names().filter((name) => /^[a-z]{4,}$/.test(name));

/** Different words of the table, from a position on. */
function wordsFrom(position: number, count: number): string {
  return Array.from({ length: count }, (_, i) => names[(position + 17 * i) % names.length] ?? '').join(' ');
}

describe('texts packed for comparison', () => {
  it('keep the numbers, signs and words of each text', () => {
    const packer = new TextPacker(words);
    const texts: Text[] = [
      { kind: 'entry', head: 'Berapa ongkir ke Bandung?', body: 'Rp 12.000, 2 hari.', context: '' },
      { kind: 'passage', head: '', body: 'We open at 09.00.', context: 'Hours' },
    ];
    for (const text of texts) packer.add(text);
    const packed = packer.finish();
    const [entry, passage] = texts.map((text, position) => packed.at(position, text));
    expect([...(entry?.numbers ?? [])]).toEqual(['12000', '2']);
    expect([...(entry?.signs ?? [])]).toEqual(['amount', 'count', 'duration']);
    expect([...(entry?.asks ?? [])]).toEqual(['how-much']);
    const wordsOf = (numbers: Int32Array = new Int32Array()): string[] =>
      [...numbers].map((number) => packed.vocabulary.text(number));
    expect(wordsOf(entry?.head)).toContain('bandung');
    expect(wordsOf(passage?.context)).toEqual(['hours']);
    expect([...(passage?.signs ?? [])]).toContain('time');
  });

  it('take a bounded number of bytes, however long they are', () => {
    const packer = new TextPacker(words);
    const count = 20;
    for (let n = 0; n < count; n += 1) {
      packer.add({
        kind: 'passage',
        head: '',
        body: wordsFrom(n, 1_000),
        context: wordsFrom(n * 31, 1_000),
      });
    }
    // Six numbers of its own, 200 terms of its body, 120 of its context, and where it starts.
    expect(packer.finish().bytes).toBeLessThanOrEqual(count * 4 * (6 + 200 + 120 + 1));
  });

  it('share the context of neighbours', () => {
    const bytesWith = (contextOf: (n: number) => string): number => {
      const packer = new TextPacker(words);
      for (let n = 0; n < 50; n += 1) {
        packer.add({ kind: 'passage', head: '', body: 'parking', context: contextOf(n) });
      }
      return packer.finish().bytes;
    };
    const shared = bytesWith(() => wordsFrom(0, 100));
    expect(shared * 5).toBeLessThan(bytesWith((n) => wordsFrom(n, 100)));
  });
});

describe('the vocabulary of many texts', () => {
  it('says how near terms are exactly as two terms are compared, unless they have nothing in common', () => {
    const terms = [...new Set(names.slice(0, 60_000).filter((_, i) => i % 17 === 0))].map((name) =>
      words.term(name),
    );
    expect(terms.length).toBeGreaterThan(2_000);
    const builder = new VocabularyBuilder();
    builder.numbersOf(terms);
    const vocabulary = builder.finish();
    for (const message of ['ongkir', 'delivery', 'bayar di tempat', 'parkir', 'xyzzy']) {
      const term = words.term(message);
      const expected = terms.map((each) => nearness(term, each)).map((near) => (near < 0.2 ? 0 : near));
      expect([...vocabulary.nearness(term)]).toEqual(expected);
      // The second time from memory.
      expect([...vocabulary.nearness(term)]).toEqual(expected);
    }
  });
});
