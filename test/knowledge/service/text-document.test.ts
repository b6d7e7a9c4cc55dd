import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { publicData } from '../public-data.js';
import { knowledgeShop, LONG_TEXT } from './knowledge-shop.js';

const shop = knowledgeShop();

describe('a text document', () => {
  it('is ready and searchable when the call returns', async () => {
    const { document, created, changed } = await shop.service.upsert(shop.scope, {
      id: 'kopi:gayo',
      title: 'Kopi Gayo',
      text: 'Kopi dari Aceh dengan rasa cokelat dan rempah.',
      metadata: { price: 85_000 },
    });
    expect([created, changed]).toEqual([true, true]);
    expect(document).toMatchObject({
      id: 'kopi:gayo',
      status: 'ready',
      progress: 1,
      revision: 1,
      chunks: 1,
      kind: 'text',
      locale: 'id',
      metadata: { price: 85_000 },
    });
    expect(document).not.toHaveProperty('contentHash');
    expect(await shop.search('cokelat')).toEqual(['kopi:gayo']);
  });

  it('is unchanged if written twice, and replaced as a whole if it differs', async () => {
    const first = await shop.service.upsert(shop.scope, {
      id: 'a',
      title: 'T',
      text: 'The old walrus sings.',
    });
    const same = await shop.service.upsert(shop.scope, {
      id: 'a',
      title: 'T',
      text: 'The old walrus sings.',
    });
    expect([same.created, same.changed]).toEqual([false, false]);
    expect(same.document).toEqual(first.document);
    const next = await shop.service.upsert(shop.scope, {
      id: 'a',
      title: 'T',
      text: 'The new penguin dances.',
    });
    expect([next.created, next.changed, next.document.revision]).toEqual([false, true, 2]);
    expect(next.document.createdAt).toEqual(first.document.createdAt);
    expect(await shop.search('walrus')).toEqual([]);
    expect(await shop.search('penguin')).toEqual(['a']);
  });

  it('counts as changed if its title, language or metadata differ', async () => {
    const base = { id: 'a', title: 'T', text: 'Some text about coffee.' };
    await shop.service.upsert(shop.scope, base);
    for (const change of [{ title: 'U' }, { locale: 'id' as const }, { metadata: { a: 1 } }]) {
      const { changed } = await shop.service.upsert(shop.scope, { ...base, ...change });
      expect(changed).toBe(true);
    }
  });

  it('ends up as exactly one of the texts if many are written at once', async () => {
    const words = ['alpha', 'bravo', 'charlie', 'delta', 'echo'];
    await Promise.all(
      words.map((word) =>
        shop.service.upsert(shop.scope, { id: 'race', title: 'T', text: `Only ${word} here.` }),
      ),
    );
    const chunks = await shop.scope.documents.chunks('race');
    expect(chunks.map((chunk) => chunk.text)).toEqual(['Only echo here.']);
    expect((await shop.scope.documents.get('race'))?.revision).toBe(5);
  });

  it('is refused without a trace if it is empty, too long or has an invalid id', async () => {
    const write = (id: string, text: string): Promise<unknown> =>
      shop.service.upsert(shop.scope, { id, title: 'T', text });
    await expect(write('a', ' \n ')).rejects.toMatchObject({ kind: 'no-text' });
    await expect(write('a', 'x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({ kind: 'too-large' });
    await expect(write('../a', 'text')).rejects.toMatchObject({ kind: 'unreadable' });
    expect((await shop.scope.documents.list({ limit: 10 })).items).toEqual([]);
  });

  it('is ready and searchable when the call returns even if its Markdown is very long', async () => {
    const long = await shop.service.upsert(shop.scope, { title: 'Long', text: LONG_TEXT });
    expect(long.document).toMatchObject({ kind: 'markdown', chunks: 150, status: 'ready' });
    expect(await shop.search('walrus number 149')).toContain(long.document.id);
  });

  it('is removed with all of its chunks', async () => {
    await shop.service.upsert(shop.scope, { id: 'a', title: 'T', text: 'The walrus sings.' });
    expect(await shop.service.remove(shop.scope, 'a')).toBe(true);
    expect(await shop.service.remove(shop.scope, 'a')).toBe(false);
    expect(await shop.search('walrus')).toEqual([]);
    expect(await shop.scope.documents.chunks('a')).toEqual([]);
  });

  const blns = publicData('hostile/blns.json');
  it.skipIf(!blns)(
    'may contain any naughty string as text and as title',
    async () => {
      const strings = (JSON.parse(await readFile(blns ?? '', 'utf8')) as string[]).filter(
        (_, index) => index % 8 === 0,
      );
      for (const [index, text] of strings.entries()) {
        const { document } = await shop.service.upsert(shop.scope, {
          id: `n${index}`,
          title: text,
          text: `Naughty: ${text}`,
        });
        expect(document.status).toBe('ready');
        expect(document.title.length).toBeGreaterThan(0);
      }
    },
    120_000,
  );
});
