import { expect, it } from 'vitest';
import type { DocumentMetadata } from '../../src/contracts/knowledge.js';
import type { Locale } from '../../src/contracts/message.js';
import type { Retriever, SearchRequest, SearchResult } from '../../src/contracts/retriever.js';

export interface TestDocument {
  readonly id: string;
  readonly title: string;
  readonly locale?: Locale;
  readonly metadata?: DocumentMetadata;
  readonly chunks: readonly string[];
}

/** One business and its retriever. Once a change has resolved, every search that begins later sees it. */
export interface RetrieverUnderTest {
  readonly retriever: Retriever;
  publish(document: TestDocument): Promise<void>;
  remove(documentId: string): Promise<void>;
}

const PAGES: readonly TestDocument[] = [
  {
    id: 'retur',
    title: 'Kebijakan retur',
    locale: 'id',
    metadata: { topic: 'policy', year: 2026, public: true },
    chunks: [
      'Barang bisa diretur dalam 14 hari sejak diterima.',
      'Uang dikembalikan lewat transfer bank dalam 5 hari kerja.',
    ],
  },
  {
    id: 'returns',
    title: 'Returns policy',
    locale: 'en',
    metadata: { topic: 'policy', year: 2025, public: true },
    chunks: ['Items can be returned within 14 days of receipt.', 'Refunds are paid by bank transfer.'],
  },
  {
    id: 'harga',
    title: 'Daftar harga',
    locale: 'id',
    metadata: { topic: 'prices' },
    chunks: ['Kain batik tulis Kawung BT-01 seharga Rp850.000', 'Biji kopi arabika 250 g seharga Rp95.000'],
  },
];

/** The contract of every retriever. `open` creates a business without documents. */
export function retrieverContract(open: () => Promise<RetrieverUnderTest>): void {
  async function filled(): Promise<RetrieverUnderTest> {
    const business = await open();
    for (const page of PAGES) await business.publish(page);
    return business;
  }
  const documentsOf = (result: SearchResult): string[] => result.hits.map(({ documentId }) => documentId);

  it('finds the passage with the answer in the language of the question', async () => {
    const { retriever } = await filled();
    const indonesian = await search(retriever, 'berapa lama pengembalian uang kak?');
    expect(indonesian.hits[0]).toMatchObject({ documentId: 'retur', title: 'Kebijakan retur', locale: 'id' });
    expect(indonesian.hits[0]?.text).toContain('Uang dikembalikan');
    expect(documentsOf(await search(retriever, 'how are refunds paid?'))[0]).toBe('returns');
    expect(documentsOf(await search(retriever, 'bt-01'))[0]).toBe('harga');
    expect(documentsOf(await search(retriever, '95000'))[0]).toBe('harga');
  });

  it('orders hits by a score from 0 to 1, and reports how much of the question each covers', async () => {
    const { retriever } = await filled();
    const { hits, tookMs, indexRevision } = await search(retriever, 'harga kain batik Kawung');
    expect(hits.length).toBeGreaterThan(0);
    expect(tookMs).toBeGreaterThanOrEqual(0);
    expect(indexRevision).toBeGreaterThan(0);
    hits.forEach((hit, i) => {
      for (const value of [hit.score, hit.coverage, ...Object.values(hit.scores)]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
      expect(hit.score).toBeLessThanOrEqual(hits[i - 1]?.score ?? 1);
    });
    expect(hits[0]?.coverage).toBe(1);
  });

  it('respects the filter', async () => {
    const { retriever } = await filled();
    const matches = async (filter: NonNullable<SearchRequest['filter']>): Promise<string[]> =>
      [...new Set(documentsOf(await search(retriever, 'bank transfer batik hari', { filter })))].sort();
    expect(await matches({})).toEqual(['harga', 'retur', 'returns']);
    expect(await matches({ locale: 'en' })).toEqual(['returns']);
    expect(await matches({ documentIds: ['harga', 'none'] })).toEqual(['harga']);
    expect(await matches({ documentIds: [] })).toEqual([]);
    expect(await matches({ metadata: { topic: 'policy' } })).toEqual(['retur', 'returns']);
    expect(await matches({ metadata: { topic: 'policy', year: 2026 } })).toEqual(['retur']);
    expect(await matches({ metadata: { year: '2026' } })).toEqual([]);
    expect(await matches({ metadata: { constructor: 'x' } })).toEqual([]);
  });

  it('returns no more hits than requested', async () => {
    const { retriever } = await filled();
    expect((await search(retriever, 'bank transfer batik hari', { topK: 1 })).hits).toHaveLength(1);
    expect((await search(retriever, 'bank transfer batik hari', { topK: 50 })).hits.length).toBeGreaterThan(
      2,
    );
  });

  it('shows a document all at once, a new version instead of the old one, and no removed one', async () => {
    const business = await filled();
    const texts = async (): Promise<string[]> =>
      (await search(business.retriever, 'selendang', { topK: 50 })).hits.map(({ text }) => text).sort();
    expect(await texts()).toEqual([]);
    const before = (await search(business.retriever, 'x')).indexRevision;
    await business.publish({
      id: 'kelas',
      title: 'Kelas',
      chunks: ['selendang satu', 'selendang dua', 'selendang tiga'],
    });
    expect(await texts()).toEqual(['selendang dua', 'selendang satu', 'selendang tiga']);
    await business.publish({ id: 'kelas', title: 'Kelas', chunks: ['selendang empat'] });
    expect(await texts()).toEqual(['selendang empat']);
    await business.remove('kelas');
    expect(await texts()).toEqual([]);
    expect((await search(business.retriever, 'x')).indexRevision).toBeGreaterThan(before);
  });

  it('never shows one business the knowledge of another', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await one.publish({ id: 'rahasia', title: 'Rahasia', chunks: ['kode brankas mangga'] });
    await other.publish({ id: 'umum', title: 'Umum', chunks: ['resep jus mangga'] });
    for (let i = 0; i < 3; i += 1) {
      expect(documentsOf(await search(one.retriever, 'mangga brankas jus'))).toEqual(['rahasia']);
      expect(documentsOf(await search(other.retriever, 'mangga brankas jus'))).toEqual(['umum']);
    }
  });

  it('finds nothing without knowledge or without a question', async () => {
    const business = await open();
    expect((await search(business.retriever, 'batik')).hits).toEqual([]);
    await business.publish({ id: 'd', title: 'Batik', chunks: ['batik'] });
    for (const query of ['', '   ', '?!…', '🙂', 'yang di ke dari', '\u0000']) {
      expect((await search(business.retriever, query)).hits).toEqual([]);
    }
  });

  it('handles questions that no person would write', async () => {
    const { retriever } = await filled();
    const words = Array.from({ length: 5_000 }, (_, i) => `kata${i}`).join(' ');
    for (const query of [
      'batik '.repeat(20_000),
      'a'.repeat(100_000),
      words,
      '((((.*)*)*)*',
      '__proto__ constructor',
      '\ud800',
    ]) {
      const { hits } = await search(retriever, query);
      expect(hits.length).toBeLessThanOrEqual(10);
    }
    expect(documentsOf(await search(retriever, 'batik '.repeat(20_000)))).toContain('harga');
  });

  it('stops when aborted, with a retrieval error', async () => {
    const { retriever } = await filled();
    const request = { query: 'batik', topK: 5, mode: 'keyword' } as const;
    await expect(retriever.search(request, AbortSignal.abort())).rejects.toMatchObject({
      name: 'RetrievalError',
    });
  });
}

export function search(
  retriever: Retriever,
  query: string,
  change: Partial<SearchRequest> = {},
): Promise<SearchResult> {
  const signal = new AbortController().signal;
  return retriever.search({ query, topK: 10, mode: 'keyword', ...change }, signal);
}
