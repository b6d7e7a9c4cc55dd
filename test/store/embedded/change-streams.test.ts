import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type ChangeStream, type Document } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';

interface Row {
  readonly _id: number;
  readonly n?: number;
}

describe('a change stream', () => {
  let folder: string;
  let store: EmbeddedStore;
  let client: MongoClient;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sapa-streams-'));
    await open();
  });

  afterEach(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(): Promise<void> {
    store = await openEmbeddedStore({ dataDir: folder, logger: silentLogger });
    client = new MongoClient(store.uri);
  }

  async function close(): Promise<void> {
    await client.close();
    await store.close();
  }

  const rows = () => client.db('shop').collection<Row>('rows');
  const idsOf = async (stream: ChangeStream<Row, Document>, count: number): Promise<unknown[]> => {
    const ids: unknown[] = [];
    while (ids.length < count) ids.push(((await stream.next())['documentKey'] as Row)._id);
    return ids;
  };

  it('resumes after a restart where it left off', async () => {
    const before = rows().watch<Row, Document>();
    const first = before.next();
    await rows().insertOne({ _id: 1 });
    const token = (await first)['_id'] as unknown;
    await rows().insertOne({ _id: 2 });
    await before.close();
    await rows().insertOne({ _id: 3 });
    await close();
    await open();
    await rows().insertOne({ _id: 4 });
    const after = rows().watch<Row, Document>([], { resumeAfter: token });
    expect(await idsOf(after, 3)).toEqual([2, 3, 4]);
    await after.close();
  });

  it('is refused if its resume token is no longer known', async () => {
    const stream = rows().watch<Row, Document>();
    // Makes sure the stream is open before anything is written.
    await stream.tryNext();
    await rows().insertOne({ _id: 1 });
    const token = (await stream.next())['_id'] as unknown;
    await stream.close();
    const other = client.db('shop').collection('nobody_watched');
    await other.insertOne({ n: 1 });
    await close();
    await open();
    await expect(
      client.db('shop').collection('nobody_watched').watch([], { resumeAfter: token }).next(),
    ).rejects.toMatchObject({ code: 286 });
    await expect(
      rows()
        .watch([], { resumeAfter: { _data: '8265' } })
        .next(),
    ).rejects.toMatchObject({ code: 286 });
  });

  it('can start at an operation time from a reply', async () => {
    const pong = await client.db('shop').command({ ping: 1 });
    await rows().insertOne({ _id: 7 });
    const stream = rows().watch<Row, Document>([], { startAtOperationTime: pong['operationTime'] as never });
    expect(await idsOf(stream, 1)).toEqual([7]);
    await stream.close();
    expect(pong['$clusterTime']).toMatchObject({ clusterTime: pong['operationTime'] as unknown });
  });

  it('has pre- and post-images if the collection keeps them, and reports if it does not', async () => {
    await client.db('shop').createCollection('rows', { changeStreamPreAndPostImages: { enabled: true } });
    await rows().insertOne({ _id: 1, n: 1 });
    const options = { fullDocument: 'required', fullDocumentBeforeChange: 'required' } as const;
    const stream = rows().watch<Row, Document>([], options);
    const next = stream.next();
    await rows().updateOne({ _id: 1 }, { $set: { n: 2 } });
    expect(await next).toMatchObject({ fullDocument: { n: 2 }, fullDocumentBeforeChange: { n: 1 } });
    await stream.close();
    const plain = client.db('shop').collection<Row>('plain');
    const strict = plain.watch<Row, Document>([], options);
    const failing = strict.next();
    await plain.insertOne({ _id: 1 });
    expect(await failing).toMatchObject({ operationType: 'insert' });
    await plain.updateOne({ _id: 1 }, { $set: { n: 2 } });
    await expect(strict.next()).rejects.toMatchObject({ code: 47 });
    await strict.close();
  });

  it('with a forbidden or invalid stage is refused at once', async () => {
    await expect(
      rows()
        .watch([{ $group: { _id: 1 } }])
        .next(),
    ).rejects.toMatchObject({ code: 20 });
    await expect(
      rows()
        .watch([{ $nope: 1 }])
        .next(),
    ).rejects.toMatchObject({ code: 40_324 });
    await expect(
      rows()
        .watch([{ $match: { $nope: 1 } }])
        .next(),
    ).rejects.toMatchObject({ code: 2 });
  });

  it('reports a rename to watchers of either name', async () => {
    await rows().insertOne({ _id: 1 });
    const stream = client.db('shop').watch<Document, Document>();
    const next = stream.next();
    await rows().rename('others');
    expect(await next).toMatchObject({ operationType: 'rename', to: { db: 'shop', coll: 'others' } });
    await stream.close();
  });
});
