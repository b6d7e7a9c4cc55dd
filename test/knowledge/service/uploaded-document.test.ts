import { describe, expect, it } from 'vitest';
import type { TenantScope } from '../../../src/contracts/stores.js';
import { makePdf } from '../parse/make-pdf.js';
import { knowledgeShop } from './knowledge-shop.js';

const { signal } = new AbortController();
const shop = knowledgeShop();

describe('an uploaded document', () => {
  it('is queued at once, and ready after its job has run', async () => {
    const pdf = makePdf([[{ text: 'The walrus is fed at noon.', y: 700 }]]);
    const { document, jobId } = await shop.upload('../../etc/Zoo hours.pdf', pdf);
    expect(document).toMatchObject({ status: 'queued', kind: 'pdf', title: 'Zoo hours', progress: 0 });
    expect(jobId).not.toBe('');
    expect(await shop.search('walrus')).toEqual([]);
    await shop.queue.runAll();
    expect(await shop.scope.documents.get(document.id)).toMatchObject({
      status: 'ready',
      progress: 1,
      chunks: 1,
    });
    expect(await shop.search('walrus')).toEqual([document.id]);
  });

  it('replaces the older one of the same name once it is searchable itself', async () => {
    const older = await shop.upload('harga.csv', 'nama,harga\nKopi Gayo,85000\n');
    await shop.queue.runAll();
    const newer = await shop.upload('harga.csv', 'nama,harga\nKopi Gayo,90000\n');
    expect(await shop.search('kopi gayo')).toEqual([older.document.id]);
    await shop.queue.runAll();
    expect(await shop.search('kopi gayo')).toEqual([newer.document.id]);
    expect((await shop.scope.documents.list({ limit: 10 })).items).toMatchObject([
      { id: newer.document.id, replaced: { id: older.document.id, added: 1, removed: 1 } },
    ]);
    expect(await shop.scope.documents.get(older.document.id)).toBeUndefined();
  });

  it('can be undone with everything it did: the document before it answers again', async () => {
    const [first, second, third] = ['80000', '85000', '90000'].map(
      (price) => `nama,harga\nKopi Gayo,${price}\n`,
    );
    await shop.upload('harga.csv', first ?? '');
    await shop.queue.runAll();
    const older = await shop.upload('harga.csv', second ?? '');
    await shop.queue.runAll();
    const newer = await shop.upload('harga.csv', third ?? '');
    await shop.queue.runAll();
    const undone = await shop.service.undo(shop.scope, newer.document.id);
    expect([undone?.document.id, undone?.back?.id]).toEqual([newer.document.id, older.document.id]);
    expect(await shop.search('kopi gayo')).toEqual([older.document.id]);
    expect((await shop.scope.documents.list({ limit: 10 })).items.map(({ id }) => id)).toEqual([
      older.document.id,
    ]);
    // Only one earlier version is kept.
    expect((await shop.service.undo(shop.scope, older.document.id))?.back).toBeUndefined();
    expect(await shop.service.undo(shop.scope, newer.document.id)).toBeUndefined();
    expect(await shop.search('kopi gayo')).toEqual([]);
  });

  it('leaves nothing of the document it replaced when it is removed', async () => {
    const older = await shop.upload('harga.csv', 'nama,harga\nKopi Gayo,85000\n');
    await shop.queue.runAll();
    const newer = await shop.upload('harga.csv', 'nama,harga\nKopi Gayo,90000\n');
    await shop.queue.runAll();
    await shop.service.remove(shop.scope, newer.document.id);
    expect(await shop.search('kopi gayo')).toEqual([]);
    expect(await shop.scope.documents.getFile(older.document.id)).toBeUndefined();
  });

  it('with rows becomes one passage per row', async () => {
    const { document } = await shop.upload('harga.csv', 'nama;harga\nKopi Gayo;85.000\nTeh Melati;20.000\n');
    await shop.queue.runAll();
    const chunks = await shop.scope.documents.chunks(document.id);
    expect(chunks.map((chunk) => chunk.text)).toEqual([
      'nama: Kopi Gayo; harga: 85.000',
      'nama: Teh Melati; harga: 20.000',
    ]);
  });

  it('fails with a code and a reason if it cannot be read', async () => {
    const broken = await shop.upload('a.csv', 'a,b\n1,2\n"x,3\n');
    const encrypted = await shop.upload('a.pdf', makePdf([[{ text: 'x', y: 1 }]], { encrypted: true }));
    await shop.queue.runAll();
    expect(await shop.scope.documents.get(broken.document.id)).toMatchObject({
      status: 'failed',
      error: { code: 'invalid-csv', detail: 'Row 3: a quote is opened and never closed.' },
    });
    expect((await shop.scope.documents.get(encrypted.document.id))?.error?.code).toBe('unreadable');
  });

  it('of an unsupported type is refused before anything is stored', async () => {
    await expect(
      shop.upload('a.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')),
    ).rejects.toMatchObject({
      kind: 'unsupported-type',
    });
    expect((await shop.scope.documents.list({ limit: 10 })).items).toEqual([]);
  });

  it('leaves nothing behind if it could not be queued', async () => {
    shop.queue.failNext = true;
    await expect(shop.upload('a.txt', 'text')).rejects.toThrow('the queue is down');
    expect((await shop.scope.documents.list({ limit: 10 })).items).toEqual([]);
  });

  it('is reported as failed if a crash cut it short, and is complete when sent again', async () => {
    const file = { id: 'doc_again', fileName: 'a.txt', bytes: Buffer.from('The walrus sings.') };
    const lost = (): Promise<never> => Promise.reject(new Error('killed'));
    const { documents } = shop.scope;
    const broken = Object.assign(Object.create(documents) as typeof documents, {
      get: documents.get.bind(documents),
      put: documents.put.bind(documents),
      putFile: lost,
      remove: lost,
    });
    const dying: TenantScope = { ...shop.scope, documents: broken };
    await expect(shop.service.upload(dying, file)).rejects.toThrow('killed');
    await shop.queue.runAll();
    expect(await shop.scope.documents.get(file.id)).toMatchObject({
      status: 'failed',
      error: { code: 'unreadable' },
    });
    for (const time of ['sent again', 'and again']) {
      const { document } = await shop.service.upload(shop.scope, file);
      expect([time, document.id]).toEqual([time, file.id]);
      await shop.queue.runAll();
      expect(await shop.scope.documents.get(file.id)).toMatchObject({ status: 'ready', chunks: 1 });
    }
    expect((await shop.scope.documents.list({ limit: 10 })).items).toHaveLength(1);
  });

  it('may be ingested twice, or after it was removed', async () => {
    const { document } = await shop.upload('a.txt', 'The walrus sings.');
    await shop.queue.runAll();
    const before = await shop.scope.documents.get(document.id);
    await shop.service.ingest(shop.scope, document.id, signal);
    expect(await shop.scope.documents.get(document.id)).toEqual(before);
    await shop.service.remove(shop.scope, document.id);
    await shop.service.ingest(shop.scope, document.id, signal);
    expect(await shop.scope.documents.get(document.id)).toBeUndefined();
  });

  it('is handed back when the service stops, and ingested on the next run', async () => {
    const { document } = await shop.upload('a.txt', 'The walrus sings.');
    await expect(shop.queue.runAll(AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
    expect((await shop.scope.documents.get(document.id))?.status).not.toBe('failed');
    await shop.queue.runAll();
    expect((await shop.scope.documents.get(document.id))?.status).toBe('ready');
  });
});
