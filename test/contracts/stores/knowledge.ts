import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { FaqEntry } from '../../../src/contracts/knowledge.js';
import type { DocumentStore, StoredChunk, StoredDocument } from '../../../src/contracts/stores.js';
import { HOSTILE_STRINGS, newScope, walk, type StoresUnderTest } from './under-test.js';

const AT = new Date(1_700_000_000_000);

function document(id: string, change: Partial<StoredDocument> = {}): StoredDocument {
  return {
    id,
    title: `Title of ${id}`,
    kind: 'text',
    locale: undefined,
    metadata: {},
    status: 'parsing',
    progress: 0,
    chunks: 0,
    revision: 1,
    createdAt: AT,
    updatedAt: AT,
    contentHash: 'hash',
    generation: 0,
    ...change,
  };
}

function chunks(documentId: string, generation: number, texts: readonly string[]): StoredChunk[] {
  return texts.map((text, ordinal) => ({
    id: `${documentId}#${ordinal}`,
    documentId,
    ordinal,
    headings: ['A', 'B'],
    text,
    generation,
  }));
}

function entry(id: string, change: Partial<FaqEntry> = {}): FaqEntry {
  return { id, question: `q ${id}`, answer: 'a', locale: 'en', createdAt: AT, updatedAt: AT, ...change };
}

async function textsOf(documents: DocumentStore): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of documents.allChunks()) texts.push(`${chunk.document.title}: ${chunk.text}`);
  return texts.sort();
}

export function knowledgeContract(stores: StoresUnderTest): void {
  it('returns a document with metadata of any name', async () => {
    const { documents } = await newScope(stores);
    const metadata = Object.fromEntries(HOSTILE_STRINGS.map((name, n) => [name, n % 2 === 0 ? n : name]));
    const input = document('d1', { metadata, locale: 'id', error: { code: 'no-text', detail: 'scan' } });
    await documents.put(input);
    expect(await documents.get('d1')).toStrictEqual(input);
    const { error: _, ...without } = { ...input, title: 'New' };
    await documents.put(without);
    expect(await documents.get('d1')).toStrictEqual(without);
    expect(await documents.update('d1', { status: 'failed' })).toMatchObject({
      status: 'failed',
      title: 'New',
    });
    expect(await documents.update('none', { status: 'failed' })).toBeUndefined();
  });

  it('shows a document all at once when it is published, and nothing before', async () => {
    const { documents } = await newScope(stores);
    await documents.put(document('d1'));
    await documents.putChunks('d1', 1, chunks('d1', 1, ['one', 'two']));
    expect(await documents.chunks('d1')).toEqual([]);
    expect(await textsOf(documents)).toEqual([]);
    const published = await documents.publish('d1', 1, { status: 'ready', progress: 1, chunks: 2 });
    expect(published).toMatchObject({ status: 'ready', generation: 1, chunks: 2 });
    expect(await documents.chunks('d1')).toStrictEqual(chunks('d1', 1, ['one', 'two']));
    expect(await textsOf(documents)).toEqual(['Title of d1: one', 'Title of d1: two']);
  });

  it('keeps the old content searchable while the new one is built', async () => {
    const { documents } = await newScope(stores);
    await documents.put(document('d1'));
    await documents.putChunks('d1', 1, chunks('d1', 1, ['old', 'older']));
    await documents.publish('d1', 1, { status: 'ready' });
    await documents.update('d1', { status: 'parsing' });
    await documents.putChunks('d1', 2, chunks('d1', 2, ['new']));
    expect((await documents.chunks('d1')).map(({ text }) => text)).toEqual(['old', 'older']);
    expect(await textsOf(documents)).toHaveLength(2);
    await documents.publish('d1', 2, { status: 'ready' });
    expect((await documents.chunks('d1')).map(({ text }) => text)).toEqual(['new']);
    expect(await textsOf(documents)).toEqual(['Title of d1: new']);
  });

  it('keeps nothing of an abandoned build, and lets no slow build win', async () => {
    const { documents } = await newScope(stores);
    await documents.put(document('d1'));
    await documents.putChunks('d1', 1, chunks('d1', 1, ['given', 'up', 'build']));
    await documents.putChunks('d1', 1, chunks('d1', 1, ['whole']));
    await documents.putChunks('d1', 2, chunks('d1', 2, ['newer']));
    await documents.publish('d1', 2, { status: 'ready' });
    expect(await documents.publish('d1', 1, { status: 'ready' })).toBeUndefined();
    expect((await documents.chunks('d1')).map(({ text }) => text)).toEqual(['newer']);
  });

  it('stores vectors exactly', async () => {
    const { documents } = await newScope(stores);
    await documents.put(document('d1'));
    const values = Float32Array.from({ length: 384 }, (_, n) => Math.sin(n) / 3);
    const [chunk] = chunks('d1', 1, ['x']);
    if (chunk === undefined) throw new Error('no chunk');
    await documents.putChunks('d1', 1, [{ ...chunk, vector: { modelId: 'm', values } }]);
    await documents.publish('d1', 1, { status: 'ready' });
    const [stored] = await documents.chunks('d1');
    expect(stored?.vector).toEqual({ modelId: 'm', values });
  });

  it('publishes nothing for a document that was removed meanwhile', async () => {
    const { documents } = await newScope(stores);
    await documents.put(document('d1'));
    await documents.putChunks('d1', 1, chunks('d1', 1, ['x']));
    expect(await documents.remove('d1')).toBe(true);
    expect(await documents.remove('d1')).toBe(false);
    expect(await documents.publish('d1', 1, { status: 'ready' })).toBeUndefined();
    expect(await documents.get('d1')).toBeUndefined();
    expect(await textsOf(documents)).toEqual([]);
  });

  it('raises the knowledge revision with each change of what can be found', async () => {
    const { documents, faq } = await newScope(stores);
    const revisions = [await documents.revision()];
    const changes = [
      () => documents.put(document('d1')).then(() => documents.publish('d1', 1, { status: 'ready' })),
      () => documents.remove('d1'),
      () => faq.insert([entry('f1')]),
      () => faq.insert([entry('f2'), entry('f3')]),
      () => faq.update('f1', { answer: 'b' }),
      () => faq.remove('f1'),
    ];
    for (const change of changes) {
      await change();
      revisions.push(await documents.revision());
    }
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  });

  it('lists documents in pages', async () => {
    const { documents } = await newScope(stores);
    for (let n = 0; n < 7; n++) await documents.put(document(`d${n}`, { createdAt: new Date(n >> 1) }));
    const ids = (await walk((page) => documents.list(page), 2)).map(({ id }) => id);
    expect(ids).toEqual(['d6', 'd5', 'd4', 'd3', 'd2', 'd1', 'd0']);
  });

  it('stores the bytes of a file, replaces them as a whole and removes them with the document', async () => {
    const { documents } = await newScope(stores);
    await documents.put(document('d1'));
    const bytes = new Uint8Array(Buffer.concat([randomBytes(700_000), Buffer.alloc(3_000_000, 'text ')]));
    await documents.putFile('d1', bytes);
    expect(Buffer.compare((await documents.getFile('d1')) ?? Buffer.alloc(0), bytes)).toBe(0);
    await documents.putFile('d1', new Uint8Array());
    expect(await documents.getFile('d1')).toEqual(new Uint8Array());
    await documents.remove('d1');
    expect(await documents.getFile('d1')).toBeUndefined();
  });

  it('inserts all FAQ entries of an import or none', async () => {
    const { faq } = await newScope(stores);
    await faq.insert([entry('f1')]);
    const many = Array.from({ length: 50 }, (_, n) => entry(`n${n}`));
    await expect(faq.insert([...many, entry('f1')])).rejects.toMatchObject({ kind: 'conflict' });
    expect((await faq.all()).map(({ id }) => id)).toEqual(['f1']);
    expect(await faq.get('n1')).toBeUndefined();
    await faq.insert(many);
    expect(await faq.all()).toHaveLength(51);
    expect(await walk((page) => faq.list(page), 20)).toHaveLength(51);
    expect(await faq.get('n1')).toStrictEqual(entry('n1'));
  });

  it('changes all FAQ entries of an import and adds the others, or does neither', async () => {
    const { faq } = await newScope(stores);
    await faq.insert([entry('f1', { phrasings: ['another way'] }), entry('f2')]);
    const updates = [entry('f1', { answer: 'new one', locale: 'id' }), entry('f2', { answer: 'new two' })];
    const clash = faq.write({ added: [entry('f3'), entry('f2')], changed: updates });
    await expect(clash).rejects.toMatchObject({ kind: 'conflict' });
    expect((await faq.all()).map(({ answer }) => answer)).toEqual([entry('f1').answer, entry('f2').answer]);
    await faq.write({ added: [entry('f3')], changed: updates });
    const expected = [
      entry('f1', { answer: 'new one', locale: 'id', phrasings: ['another way'] }),
      entry('f2', { answer: 'new two' }),
      entry('f3'),
    ];
    expect(await faq.all()).toStrictEqual(expected);
    expect(await walk((page) => faq.list(page), 2)).toHaveLength(3);
    expect(await faq.get('f1')).toStrictEqual(expected[0]);
  });

  it('changes and removes an FAQ entry', async () => {
    const { faq } = await newScope(stores);
    await faq.insert([entry('f1')]);
    expect(await faq.update('f1', { answer: '$new', locale: 'id' })).toStrictEqual(
      entry('f1', { answer: '$new', locale: 'id' }),
    );
    expect(await faq.update('none', { answer: 'x' })).toBeUndefined();
    expect(await faq.remove('f1')).toBe(true);
    expect(await faq.remove('f1')).toBe(false);
  });
}
