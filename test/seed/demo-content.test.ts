import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { PDFParse } from 'pdf-parse';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LOCALES } from '../../src/contracts/message.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { openingHours } from '../../src/lib/time/opening-hours.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { demoQuestions } from '../fixtures/demo-questions.js';

const folder = join(projectRoot, 'src/seed/demo');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const rows = (file: string): Record<string, string>[] =>
  z.array(z.record(z.string(), z.string())).parse(parse(read(file), { columns: true }));

const FILES: Readonly<Record<string, string>> = {
  'Daftar harga / Price list': 'price-list.csv',
  'Kebijakan retur dan penukaran': 'kebijakan-retur.md',
  'Panduan merawat batik dan kopi': 'panduan-perawatan.md',
  'Returns and exchanges': 'returns-policy.md',
  'Caring for batik and coffee': 'care-guide.md',
  'Shipping rates and delivery times': 'shipping-en.pdf',
  'Ongkos dan waktu kirim': 'pengiriman-id.pdf',
};

async function textOf(file: string): Promise<string> {
  if (!file.endsWith('.pdf')) return read(file);
  const parser = new PDFParse({ data: readFileSync(join(folder, file)) });
  try {
    return (await parser.getText()).text;
  } finally {
    await parser.destroy();
  }
}

describe('the sample business', () => {
  it('has valid settings', () => {
    const settings = tenantSettingsSchema.parse(JSON.parse(read('settings.json')));
    expect(settings.timezone).toBe('Asia/Jakarta');
    expect(openingHours.describe(settings.business_hours, 'en')).toBe(
      'Tuesday–Friday 09:00–18:00; Saturday–Sunday 08:00–20:00',
    );
  });

  it('answers each FAQ question in both languages', () => {
    const entries = rows('faq.csv');
    for (const locale of LOCALES) {
      expect(entries.filter((entry) => entry['locale'] === locale).length).toBeGreaterThanOrEqual(17);
    }
    expect(entries.every(({ question, answer }) => question?.trim() && answer?.trim())).toBe(true);
    expect(new Set(entries.map(({ question }) => question)).size).toBe(entries.length);
  });

  it('names every product in both languages with a price in rupiah', () => {
    const products = rows('price-list.csv');
    expect(products.length).toBeGreaterThanOrEqual(25);
    for (const product of products) {
      expect(product['produk / product']).toMatch(/\S+ \/ \S+/);
      expect(product['harga / price']).toMatch(/^Rp [\d.]+$/);
    }
  });

  it('has PDFs that are generated from their sources byte for byte', () => {
    const target = mkdtempSync(join(tmpdir(), 'sapa-pdf-'));
    try {
      execFileSync(process.execPath, [join(projectRoot, 'scripts/make-sample-pdfs.mjs'), target]);
      const files = readdirSync(target);
      expect(files).toEqual(['pengiriman-id.pdf', 'shipping-en.pdf']);
      for (const file of files) {
        expect(readFileSync(join(target, file)).equals(readFileSync(join(folder, file)))).toBe(true);
      }
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  });
});

describe('the questions for the sample business', () => {
  it('number at least twenty per language, plus some in each that it cannot answer', () => {
    for (const locale of LOCALES) {
      const inLocale = (question: { readonly locale: string }): boolean => question.locale === locale;
      expect(demoQuestions.answerable.filter(inLocale).length).toBeGreaterThanOrEqual(20);
      expect(demoQuestions.unanswerable.filter(inLocale).length).toBeGreaterThanOrEqual(5);
    }
  });

  it.each(demoQuestions.answerable)('“$question” is answered in “$expected”', async (demoQuestion) => {
    const entry = rows('faq.csv').find(({ question }) => question === demoQuestion.expected);
    const answer =
      demoQuestion.source === 'faq' ? entry?.['answer'] : await textOf(FILES[demoQuestion.expected] ?? '');
    expect(answer).toMatch(new RegExp(demoQuestion.pattern, 'is'));
    expect(entry?.['question']).not.toBe(demoQuestion.question);
  });
});
