import { describe, expect, it } from 'vitest';
import { createAnalyzer } from '../../src/knowledge/search/text/analyzer.js';
import { createExtractiveModel } from '../../src/llm/extractive/index.js';
import { toUnits } from '../../src/llm/extractive/units.js';
import type { DataPart } from '../../src/contracts/model.js';
import { collect, textOf } from '../contracts/language-model.js';

const analyzer = createAnalyzer({ keepQuestionWords: false });
const model = createExtractiveModel({
  terms: (text, locale) => analyzer.terms(text, locale),
  lead: () => '',
});

async function ask(texts: readonly string[], question: string, locale: 'en' | 'id'): Promise<string> {
  const data = texts.map((text, index): DataPart => ({
    type: 'data',
    kind: 'document',
    citation: index + 1,
    title: 'Guide',
    text,
  }));
  const parts = [...data, { type: 'text', text: question } as const];
  const request = { system: '', messages: [{ role: 'user', parts } as const], maxOutputTokens: 100, locale };
  return textOf(await collect(model.stream(request, new AbortController().signal))).trim();
}

describe('what may be quoted of a passage', () => {
  it('is not a title line: it says what the lines under it are about', () => {
    const units = toUnits('Free shipping\nFrom Rp 750.000 in Java.\n\nWeights\nCloth: 400 g');
    expect(units.map(({ text, heading }) => [heading, text])).toEqual([
      ['Free shipping', 'From Rp 750.000 in Java.'],
      ['Weights', 'Cloth: 400 g'],
    ]);
    expect(toUnits('Ratri Wulandari').map(({ text }) => text)).toEqual(['Ratri Wulandari']);
  });

  it('is a sentence of prose, though a colon stands in it', () => {
    const units = toUnits('We use natural dyes: indigo and tingi. Stamped batik is easier to wash.');
    expect(units.map(({ text }) => text)).toEqual([
      'We use natural dyes: indigo and tingi.',
      'Stamped batik is easier to wash.',
    ]);
  });
});

describe('a quote', () => {
  const washing = '# Care\n## Washing silk\nUse cold water and mild soap. No bleach.';
  const drying = '# Care\n## Drying\nDry silk in the shade.';

  it('is the whole short section when its heading is what was asked', async () => {
    expect(await ask([drying, washing], 'how do I wash silk?', 'en')).toBe(
      'Use cold water and mild soap. No bleach. [2]',
    );
  });

  it('of a row begins with what it is about, then what was asked', async () => {
    const rows = 'sku: T-1; name: Topi rajut; warna: hitam; harga: 45000; stok: 0';
    expect(await ask([rows], 'topi rajut stoknya ada?', 'id')).toBe(
      'Topi rajut — stok: 0; sku: T-1; warna: hitam; harga: 45000 [1]',
    );
  });

  it('of a rule does not ask for the article, nor for the word "return"', async () => {
    const rule =
      '# Returns\n## Condition\nThe article must be unworn. Batik that has been washed cannot be taken back.';
    expect(await ask([rule], 'I washed the blue cloth, can I send it back?', 'en')).toContain(
      'has been washed',
    );
  });

  it('understands contractions and shortcuts of chats', async () => {
    const rates = '# Shipping\nMalaysia: Rp 220.000, 6 to 8 working days.';
    expect(await ask([rates], 'do u ship to malaysia', 'en')).toContain('Rp 220.000');
    expect(await ask([rates], "what's shipping to malaysia pls", 'en')).toContain('Rp 220.000');
  });
});
