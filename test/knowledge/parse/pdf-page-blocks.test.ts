import { describe, expect, it } from 'vitest';
import { pdfPageBlocks } from '../../../src/knowledge/parse/pdf-page-blocks.js';

const blocks = (...lines: readonly string[]): readonly string[] =>
  pdfPageBlocks(
    lines.map((text) => ({ text, isRow: false })),
    new Set(),
  ).map(({ type, text }) => `${type}: ${text}`);

describe('a PDF page', () => {
  it('is split at the titles above sentences, even if nothing marks them', () => {
    expect(
      blocks(
        'Free shipping',
        'Shipping is free on the island of Java for orders from Rp 750.000.',
        'Weights',
        'A batik cloth weighs about 400 g, a shirt 300 g, a bag of coffee 280 g.',
      ),
    ).toEqual([
      'heading: Free shipping',
      'text: Shipping is free on the island of Java for orders from Rp 750.000.',
      'heading: Weights',
      'text: A batik cloth weighs about 400 g, a shirt 300 g, a bag of coffee 280 g.',
    ]);
  });

  it('keeps lines apart that end with a full stop where the next word would have fitted', () => {
    expect(
      blocks(
        'Yogyakarta, Sleman and Bantul: Rp 10.000, 1 working day.',
        'Solo and Semarang: Rp 13.000, 1 to 2 working days.',
        'The rate is for the first kilogram, and each further kilogram costs the same.',
      ),
    ).toEqual([
      'text: Yogyakarta, Sleman and Bantul: Rp 10.000, 1 working day.\n\n' +
        'Solo and Semarang: Rp 13.000, 1 to 2 working days.\n\n' +
        'The rate is for the first kilogram, and each further kilogram costs the same.',
    ]);
  });

  it('joins a sentence broken at the margin, and does not mistake a list of names for headings', () => {
    expect(
      blocks('Our couriers deliver to every island of the country, also to', 'Papua and Maluku.'),
    ).toEqual(['text: Our couriers deliver to every island of the country, also to Papua and Maluku.']);
    const wide = 'We work in the old house behind the market, all of us.';
    expect(blocks('Our team', 'Ratri Wulandari', 'Sekar Wulandari', '', wide)).toEqual([
      `text: Our team\nRatri Wulandari\nSekar Wulandari\n\n${wide}`,
    ]);
  });
});
