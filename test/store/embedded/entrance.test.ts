import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, MongoServerError, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';

describe('the port of the embedded store', () => {
  let dataDir: string;
  let store: EmbeddedStore;
  let client: MongoClient;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-entrance-'));
    store = await openEmbeddedStore({ dataDir, logger: silentLogger, port: 0, hasTestCommands: true });
    // As tools connect that use the name of the replica set: they look for its members at the addresses they
    // are given.
    client = new MongoClient(store.uri.replace('directConnection=true', 'replicaSet=sapa&appName=tool'), {
      serverSelectionTimeoutMS: 5_000,
    });
    await client.connect();
  });

  afterAll(async () => {
    await client.close();
    await store.close();
    await rm(dataDir, { recursive: true });
  });

  const fail = (mode: unknown, data: Document = {}): Promise<Document> =>
    client.db('admin').command({ configureFailPoint: 'failCommand', mode, data });
  const reason = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof MongoServerError ? error.code : 'no server error'),
    );

  it('reports the address at which it is reached', async () => {
    const { me, hosts } = await client.db('admin').command({ hello: 1 });
    expect(store.uri).toContain(`//${String(me)}/`);
    expect(hosts).toEqual([me]);
  });

  it('lets a client test its retries: a failed write is retried and done once', async () => {
    const rows = client.db('retries').collection('rows');
    await fail({ times: 1 }, { failCommands: ['insert'], errorCode: 91 });
    await rows.insertOne({ n: 1 });
    await fail({ times: 1 }, { failCommands: ['insert'], closeConnection: true });
    await rows.insertOne({ n: 2 });
    await fail(
      { times: 1 },
      { failCommands: ['insert'], writeConcernError: { code: 91, errmsg: 'Replication is being shut down' } },
    );
    await rows.insertOne({ n: 3 });
    expect((await rows.find().toArray()).map(({ n }) => n as number)).toEqual([1, 2, 3]);
  });

  it('fails only for the named client, as often as configured, and no more once that is off', async () => {
    const rows = client.db('retries').collection('rows');
    await fail({ times: 1 }, { failCommands: ['find'], errorCode: 2, appName: 'another' });
    expect(await reason(rows.findOne())).toBe('done');
    await fail('alwaysOn', { failCommands: ['find'], errorCode: 2, appName: 'tool' });
    expect([await reason(rows.findOne()), await reason(rows.findOne())]).toEqual([2, 2]);
    await fail('off');
    expect(await reason(rows.findOne())).toBe('done');
    await fail({ skip: 1 }, { failCommands: ['find'], errorCode: 2 });
    expect([await reason(rows.findOne()), await reason(rows.findOne())]).toEqual(['done', 2]);
    await fail('off');
    expect(
      await reason(client.db('admin').command({ configureFailPoint: 'failEverything', mode: 'off' })),
    ).toBe(249);
  });

  it('has no fail points unless it was started for tests', async () => {
    const other = await mkdtemp(join(tmpdir(), 'sapa-entrance-'));
    const ordinary = await openEmbeddedStore({ dataDir: other, logger: silentLogger });
    const visitor = new MongoClient(ordinary.uri);
    const command = visitor.db('admin').command({ configureFailPoint: 'failCommand', mode: 'alwaysOn' });
    expect(await reason(command)).toBe(59);
    await visitor.close();
    await ordinary.close();
    await rm(other, { recursive: true });
  });
});
