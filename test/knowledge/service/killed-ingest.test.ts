import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compiledEntry } from '../../../src/lib/project-root.js';
import type { IngestChildTask } from './ingest-child.js';
import { knowledgeShop, LONG_TEXT } from './knowledge-shop.js';

const shop = knowledgeShop();

describe('a process killed while it ingests a document', () => {
  async function killHalfWay(documentId: string, text?: string): Promise<void> {
    const { uri, masterKey, serviceDatabase = '', databasePrefix = '' } = shop.store.options;
    const task: IngestChildTask = {
      uri,
      masterKey: Buffer.from(masterKey).toString('base64'),
      serviceDatabase,
      databasePrefix,
      tenantId: shop.scope.tenantId,
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
    const { document } = await shop.upload('a.md', LONG_TEXT);
    await killHalfWay(document.id);
    expect((await shop.scope.documents.get(document.id))?.status).toBe('embedding');
    expect(await shop.search('walrus')).toEqual([]);
    await shop.queue.runAll();
    expect(await shop.scope.documents.get(document.id)).toMatchObject({ status: 'ready', chunks: 150 });
    expect(await shop.scope.documents.chunks(document.id)).toHaveLength(150);
  }, 60_000);

  it('leaves the old text live until the new one is complete', async () => {
    await shop.service.upsert(shop.scope, { id: 'a', title: 'T', text: 'The old penguin dances.' });
    await killHalfWay('a', LONG_TEXT);
    expect(await shop.search('penguin')).toEqual(['a']);
    expect(await shop.search('walrus')).toEqual([]);
    expect((await shop.scope.documents.get('a'))?.status).toBe('ready');
    const { changed } = await shop.service.upsert(shop.scope, { id: 'a', title: 'T', text: LONG_TEXT });
    expect(changed).toBe(true);
    expect(await shop.search('penguin')).toEqual([]);
    expect(await shop.scope.documents.chunks('a')).toHaveLength(150);
  }, 60_000);
});
