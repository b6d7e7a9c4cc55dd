import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddingError } from '../../../src/contracts/embedding.js';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import type { KnowledgeService } from '../../../src/contracts/knowledge.js';
import { tenantSettingsSchema } from '../../../src/contracts/settings.js';
import type { TenantScope } from '../../../src/contracts/stores.js';
import {
  createFileParser,
  createAnswerFinder,
  createKnowledgeService,
  knowledgeJobs,
  createRetrieverPool,
} from '../../../src/knowledge/index.js';
import { systemClock } from '../../../src/lib/clock.js';
import { makeId } from '../../../src/lib/make-id.js';
import { compiledEntry } from '../../../src/lib/project-root.js';
import { openTestStore } from '../../fakes/test-store.js';
import type { TestStore } from '../../fakes/test-store.js';
import { makePdf } from '../parse/make-pdf.js';
import { publicData } from '../public-data.js';
import type { IngestChildTask } from './ingest-child.js';
import { TestQueue } from './test-queue.js';
import { WordEmbedding } from './word-embedding.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const signal = new AbortController().signal;
/** Enough chunks for several batches of the embedding model. */
const LONG_TEXT = Array.from(
  { length: 150 },
  (_, index) => `# Part ${index}\n\nThe walrus number ${index} sings.`,
).join('\n\n');

let store: TestStore;
let scope: TenantScope;
let queue: TestQueue;
let service: KnowledgeService;
let tenants = 0;

beforeAll(async () => {
  store = await openTestStore();
}, 60_000);
afterAll(() => store.close());
beforeEach(async () => {
  const tenantId = `tenant${(tenants += 1)}`;
  await store.service.putTenant(tenantId, tenantSettingsSchema.parse({ name: 'Toko' }));
  const opened = await store.service.scope(tenantId);
  if (!opened) throw new Error('the tenant is missing');
  scope = opened;
  service = await open();
}, 60_000);

async function open(embedding?: EmbeddingModel): Promise<KnowledgeService> {
  queue = new TestQueue(scope);
  const opened = createKnowledgeService({
    queue,
    retrievers: createRetrieverPool({
      clock: systemClock,
      logger: silentLogger,
      ...(embedding ? { embedding } : {}),
    }),
    finder: createAnswerFinder({ clock: systemClock, logger: silentLogger }),
    parser: createFileParser(),
    embedding,
    clock: systemClock,
    makeId,
    logger: silentLogger,
  });
  // Nobody waits in a conversation here.
  const outreach = {
    findByKey: () => Promise.resolve(undefined),
    say: () => Promise.reject(new Error('not expected')),
  };
  const i18n = { translator: () => (key: string) => key };
  await queue.start(knowledgeJobs({ knowledge: opened, outreach, i18n }));
  return opened;
}

const search = async (query: string): Promise<string[]> => {
  const { hits } = await service.retriever(scope).search({ query, topK: 10, mode: 'keyword' }, signal);
  return hits.map((hit) => hit.documentId);
};
const upload = (fileName: string, content: string | Uint8Array): ReturnType<KnowledgeService['upload']> =>
  service.upload(scope, { fileName, bytes: typeof content === 'string' ? Buffer.from(content) : content });

describe('a text document', () => {
  it('is ready and searchable when the call returns', async () => {
    const { document, created, changed } = await service.upsert(scope, {
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
    expect(await search('cokelat')).toEqual(['kopi:gayo']);
  });

  it('is unchanged if written twice, and replaced as a whole if it differs', async () => {
    const first = await service.upsert(scope, { id: 'a', title: 'T', text: 'The old walrus sings.' });
    const same = await service.upsert(scope, { id: 'a', title: 'T', text: 'The old walrus sings.' });
    expect([same.created, same.changed]).toEqual([false, false]);
    expect(same.document).toEqual(first.document);
    const next = await service.upsert(scope, { id: 'a', title: 'T', text: 'The new penguin dances.' });
    expect([next.created, next.changed, next.document.revision]).toEqual([false, true, 2]);
    expect(next.document.createdAt).toEqual(first.document.createdAt);
    expect(await search('walrus')).toEqual([]);
    expect(await search('penguin')).toEqual(['a']);
  });

  it('counts as changed if its title, language or metadata differ', async () => {
    const base = { id: 'a', title: 'T', text: 'Some text about coffee.' };
    await service.upsert(scope, base);
    for (const change of [{ title: 'U' }, { locale: 'id' as const }, { metadata: { a: 1 } }]) {
      const { changed } = await service.upsert(scope, { ...base, ...change });
      expect(changed).toBe(true);
    }
  });

  it('ends up as exactly one of the texts if many are written at once', async () => {
    const words = ['alpha', 'bravo', 'charlie', 'delta', 'echo'];
    await Promise.all(
      words.map((word) => service.upsert(scope, { id: 'race', title: 'T', text: `Only ${word} here.` })),
    );
    const chunks = await scope.documents.chunks('race');
    expect(chunks.map((chunk) => chunk.text)).toEqual(['Only echo here.']);
    expect((await scope.documents.get('race'))?.revision).toBe(5);
  });

  it('is refused without a trace if it is empty, too long or has an invalid id', async () => {
    const write = (id: string, text: string): Promise<unknown> =>
      service.upsert(scope, { id, title: 'T', text });
    await expect(write('a', ' \n ')).rejects.toMatchObject({ kind: 'no-text' });
    await expect(write('a', 'x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({ kind: 'too-large' });
    await expect(write('../a', 'text')).rejects.toMatchObject({ kind: 'unreadable' });
    expect((await scope.documents.list({ limit: 10 })).items).toEqual([]);
  });

  it('is ready and searchable when the call returns even if its Markdown is very long', async () => {
    const long = await service.upsert(scope, { title: 'Long', text: LONG_TEXT });
    expect(long.document).toMatchObject({ kind: 'markdown', chunks: 150, status: 'ready' });
    expect(await search('walrus number 149')).toContain(long.document.id);
  });

  it('is removed with all of its chunks', async () => {
    await service.upsert(scope, { id: 'a', title: 'T', text: 'The walrus sings.' });
    expect(await service.remove(scope, 'a')).toBe(true);
    expect(await service.remove(scope, 'a')).toBe(false);
    expect(await search('walrus')).toEqual([]);
    expect(await scope.documents.chunks('a')).toEqual([]);
  });

  const blns = publicData('hostile/blns.json');
  it.skipIf(!blns)(
    'may contain any naughty string as text and as title',
    async () => {
      const strings = (JSON.parse(await readFile(blns ?? '', 'utf8')) as string[]).filter(
        (_, index) => index % 8 === 0,
      );
      for (const [index, text] of strings.entries()) {
        const { document } = await service.upsert(scope, {
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

describe('an uploaded document', () => {
  it('is queued at once, and ready after its job has run', async () => {
    const pdf = makePdf([[{ text: 'The walrus is fed at noon.', y: 700 }]]);
    const { document, jobId } = await upload('../../etc/Zoo hours.pdf', pdf);
    expect(document).toMatchObject({ status: 'queued', kind: 'pdf', title: 'Zoo hours', progress: 0 });
    expect(jobId).not.toBe('');
    expect(await search('walrus')).toEqual([]);
    await queue.runAll();
    expect(await scope.documents.get(document.id)).toMatchObject({ status: 'ready', progress: 1, chunks: 1 });
    expect(await search('walrus')).toEqual([document.id]);
  });

  it('replaces the older one of the same name once it is searchable itself', async () => {
    const older = await upload('harga.csv', 'nama,harga\nKopi Gayo,85000\n');
    await queue.runAll();
    const newer = await upload('harga.csv', 'nama,harga\nKopi Gayo,90000\n');
    expect(await search('kopi gayo')).toEqual([older.document.id]);
    await queue.runAll();
    expect(await search('kopi gayo')).toEqual([newer.document.id]);
    expect((await scope.documents.list({ limit: 10 })).items).toMatchObject([
      { id: newer.document.id, replaced: { id: older.document.id, added: 1, removed: 1 } },
    ]);
    expect(await scope.documents.get(older.document.id)).toBeUndefined();
  });

  it('can be undone with everything it did: the document before it answers again', async () => {
    const [first, second, third] = ['80000', '85000', '90000'].map(
      (price) => `nama,harga\nKopi Gayo,${price}\n`,
    );
    await upload('harga.csv', first ?? '');
    await queue.runAll();
    const older = await upload('harga.csv', second ?? '');
    await queue.runAll();
    const newer = await upload('harga.csv', third ?? '');
    await queue.runAll();
    const undone = await service.undo(scope, newer.document.id);
    expect([undone?.document.id, undone?.back?.id]).toEqual([newer.document.id, older.document.id]);
    expect(await search('kopi gayo')).toEqual([older.document.id]);
    expect((await scope.documents.list({ limit: 10 })).items.map(({ id }) => id)).toEqual([
      older.document.id,
    ]);
    // Only one earlier version is kept.
    expect((await service.undo(scope, older.document.id))?.back).toBeUndefined();
    expect(await service.undo(scope, newer.document.id)).toBeUndefined();
    expect(await search('kopi gayo')).toEqual([]);
  });

  it('leaves nothing of the document it replaced when it is removed', async () => {
    const older = await upload('harga.csv', 'nama,harga\nKopi Gayo,85000\n');
    await queue.runAll();
    const newer = await upload('harga.csv', 'nama,harga\nKopi Gayo,90000\n');
    await queue.runAll();
    await service.remove(scope, newer.document.id);
    expect(await search('kopi gayo')).toEqual([]);
    expect(await scope.documents.getFile(older.document.id)).toBeUndefined();
  });

  it('with rows becomes one passage per row', async () => {
    const { document } = await upload('harga.csv', 'nama;harga\nKopi Gayo;85.000\nTeh Melati;20.000\n');
    await queue.runAll();
    const chunks = await scope.documents.chunks(document.id);
    expect(chunks.map((chunk) => chunk.text)).toEqual([
      'nama: Kopi Gayo; harga: 85.000',
      'nama: Teh Melati; harga: 20.000',
    ]);
  });

  it('fails with a code and a reason if it cannot be read', async () => {
    const broken = await upload('a.csv', 'a,b\n1,2\n"x,3\n');
    const encrypted = await upload('a.pdf', makePdf([[{ text: 'x', y: 1 }]], { encrypted: true }));
    await queue.runAll();
    expect(await scope.documents.get(broken.document.id)).toMatchObject({
      status: 'failed',
      error: { code: 'invalid-csv', detail: 'Row 3: a quote is opened and never closed.' },
    });
    expect((await scope.documents.get(encrypted.document.id))?.error?.code).toBe('unreadable');
  });

  it('of an unsupported type is refused before anything is stored', async () => {
    await expect(
      upload('a.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')),
    ).rejects.toMatchObject({
      kind: 'unsupported-type',
    });
    expect((await scope.documents.list({ limit: 10 })).items).toEqual([]);
  });

  it('leaves nothing behind if it could not be queued', async () => {
    queue.failNext = true;
    await expect(upload('a.txt', 'text')).rejects.toThrow('the queue is down');
    expect((await scope.documents.list({ limit: 10 })).items).toEqual([]);
  });

  it('is reported as failed if a crash cut it short, and is complete when sent again', async () => {
    const file = { id: 'doc_again', fileName: 'a.txt', bytes: Buffer.from('The walrus sings.') };
    const lost = (): Promise<never> => Promise.reject(new Error('killed'));
    const { documents } = scope;
    const broken = Object.assign(Object.create(documents) as typeof documents, {
      get: documents.get.bind(documents),
      put: documents.put.bind(documents),
      putFile: lost,
      remove: lost,
    });
    const dying: TenantScope = { ...scope, documents: broken };
    await expect(service.upload(dying, file)).rejects.toThrow('killed');
    await queue.runAll();
    expect(await scope.documents.get(file.id)).toMatchObject({
      status: 'failed',
      error: { code: 'unreadable' },
    });
    for (const time of ['sent again', 'and again']) {
      const { document } = await service.upload(scope, file);
      expect([time, document.id]).toEqual([time, file.id]);
      await queue.runAll();
      expect(await scope.documents.get(file.id)).toMatchObject({ status: 'ready', chunks: 1 });
    }
    expect((await scope.documents.list({ limit: 10 })).items).toHaveLength(1);
  });

  it('may be ingested twice, or after it was removed', async () => {
    const { document } = await upload('a.txt', 'The walrus sings.');
    await queue.runAll();
    const before = await scope.documents.get(document.id);
    await service.ingest(scope, document.id, signal);
    expect(await scope.documents.get(document.id)).toEqual(before);
    await service.remove(scope, document.id);
    await service.ingest(scope, document.id, signal);
    expect(await scope.documents.get(document.id)).toBeUndefined();
  });

  it('is handed back when the service stops, and ingested on the next run', async () => {
    const { document } = await upload('a.txt', 'The walrus sings.');
    await expect(queue.runAll(AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
    expect((await scope.documents.get(document.id))?.status).not.toBe('failed');
    await queue.runAll();
    expect((await scope.documents.get(document.id))?.status).toBe('ready');
  });
});

describe('a document with embeddings', () => {
  it('moves from parsing through embedding to ready, and is searchable only then', async () => {
    const observations: [string | undefined, number][] = [];
    const embedding = new WordEmbedding(async () => {
      const [document] = (await scope.documents.list({ limit: 1 })).items;
      observations.push([document?.status, (await search('walrus')).length]);
    });
    service = await open(embedding);
    const { document } = await upload('a.md', LONG_TEXT);
    await queue.runAll();
    expect(observations).toEqual([
      ['embedding', 0],
      ['embedding', 0],
      ['embedding', 0],
    ]);
    const chunks = await scope.documents.chunks(document.id);
    expect(chunks).toHaveLength(150);
    for (const chunk of chunks) expect(chunk.vector).toMatchObject({ modelId: 'test:words' });
    expect(new Set(await search('walrus'))).toEqual(new Set([document.id]));
  });

  it('waits as long as a busy model asks, then continues', async () => {
    const embedding = new WordEmbedding((call) =>
      call === 1
        ? Promise.reject(new EmbeddingError('rate-limited', 'busy', { retryAfterMs: 1 }))
        : Promise.resolve(),
    );
    service = await open(embedding);
    await service.upsert(scope, { id: 'a', title: 'T', text: 'The walrus sings.' });
    expect(embedding.calls).toBe(2);
    expect((await scope.documents.chunks('a'))[0]?.vector).toBeDefined();
  });

  it('is found by its words if the model refuses', async () => {
    service = await open(
      new WordEmbedding(() => Promise.reject(new EmbeddingError('unauthorized', 'wrong key'))),
    );
    const { document } = await service.upsert(scope, { id: 'a', title: 'T', text: 'The walrus sings.' });
    expect(document.status).toBe('ready');
    expect((await scope.documents.chunks('a'))[0]?.vector).toBeUndefined();
    expect(await search('walrus')).toEqual(['a']);
  });
});

describe('a process killed while it ingests a document', () => {
  async function killHalfWay(documentId: string, text?: string): Promise<void> {
    const { uri, masterKey, serviceDatabase = '', databasePrefix = '' } = store.options;
    const task: IngestChildTask = {
      uri,
      masterKey: Buffer.from(masterKey).toString('base64'),
      serviceDatabase,
      databasePrefix,
      tenantId: scope.tenantId,
      documentId,
      ...(text === undefined ? {} : { text }),
    };
    const child = fork(fileURLToPath(compiledEntry(join('test/knowledge/service', 'ingest-child.js'))), {
      execArgv: [],
    });
    child.send(task);
    await once(child, 'message');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  it('leaves an upload that the next run finishes', async () => {
    const { document } = await upload('a.md', LONG_TEXT);
    await killHalfWay(document.id);
    expect((await scope.documents.get(document.id))?.status).toBe('embedding');
    expect(await search('walrus')).toEqual([]);
    await queue.runAll();
    expect(await scope.documents.get(document.id)).toMatchObject({ status: 'ready', chunks: 150 });
    expect(await scope.documents.chunks(document.id)).toHaveLength(150);
  }, 60_000);

  it('leaves the old text live until the new one is complete', async () => {
    await service.upsert(scope, { id: 'a', title: 'T', text: 'The old penguin dances.' });
    await killHalfWay('a', LONG_TEXT);
    expect(await search('penguin')).toEqual(['a']);
    expect(await search('walrus')).toEqual([]);
    expect((await scope.documents.get('a'))?.status).toBe('ready');
    const { changed } = await service.upsert(scope, { id: 'a', title: 'T', text: LONG_TEXT });
    expect(changed).toBe(true);
    expect(await search('penguin')).toEqual([]);
    expect(await scope.documents.chunks('a')).toHaveLength(150);
  }, 60_000);
});
