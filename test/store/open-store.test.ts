import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantScope } from '../../src/contracts/stores.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { openStore } from '../../src/store/index.js';
import { inboxEvent, settingsFor, turn, unique } from '../contracts/stores/under-test.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { silentLogger } from '../fakes/silent-logger.js';

/** A cluster limits its namespaces: collections and indexes. */
const MAX_NAMESPACES = 50;

describe('an open store', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  async function newScope(): Promise<TenantScope> {
    const id = unique('t');
    await store.service.putTenant(id, settingsFor(id));
    const scope = await store.service.scope(id);
    if (scope === undefined) throw new Error('no scope');
    return scope;
  }

  function databaseOf(scope: TenantScope) {
    const name = `${store.options.databasePrefix ?? ''}${scope.tenantId}`;
    return store.connection.getClient().db(name);
  }

  it('answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });

  it('sees settings changed by another process within about a second', async () => {
    const scope = await newScope();
    const other = await store.openAnother();
    expect((await other.service.scope(scope.tenantId))?.settings.name).toBe(scope.tenantId);
    await store.service.putTenant(scope.tenantId, settingsFor('Changed'));
    await expect
      .poll(async () => (await other.service.scope(scope.tenantId))?.settings.name, { timeout: 10_000 })
      .toBe('Changed');
  });

  it('loses a tenant removed by another process', async () => {
    const scope = await newScope();
    const other = await store.openAnother();
    const theirs = await other.service.scope(scope.tenantId);
    await store.service.removeTenant(scope.tenantId);
    await expect.poll(() => other.service.scope(scope.tenantId), { timeout: 10_000 }).toBeUndefined();
    await expect(theirs?.inbox.get('a:1')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('finds everything again when it is reopened', async () => {
    const scope = await newScope();
    await scope.inbox.accept(inboxEvent('a:1'));
    await scope.turns.commit(turn('turn-1', ['a:1']));
    const other = await store.openAnother();
    const again = await other.service.scope(scope.tenantId);
    expect(again?.settings).toEqual(scope.settings);
    expect(await again?.turns.commit(turn('turn-2', ['a:1']))).toBe(false);
    expect(await again?.turns.answering('a:1')).toMatchObject({ id: 'turn-1' });
  });

  it('does not open with another master key, and then changes nothing', async () => {
    const { id: tenantId } = (await store.service.putTenant(unique('t'), settingsFor('x'))).tenant;
    const account = { id: unique('a'), tenantId, channel: 'web', config: { token: 'secret' } };
    await store.service.putAccount(account);
    await expect(store.openAnother({ masterKey: randomBytes(32) })).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'corrupt',
    });
    expect(await store.service.accounts()).toContainEqual(expect.objectContaining(account));
  });

  it('skips an account whose settings cannot be decrypted, and reads the others', async () => {
    const scope = await newScope();
    const [broken, whole] = [unique('a'), unique('a')];
    for (const id of [broken, whole]) {
      await store.service.putAccount({ id, tenantId: scope.tenantId, channel: 'web', config: { token: id } });
    }
    const rows = store.connection
      .getClient()
      .db(store.options.serviceDatabase)
      .collection<{ _id: string }>('accounts');
    await rows.updateOne({ _id: broken }, { $set: { 'sealedConfig.content': 'AAAA' } });
    const read = new Map((await store.service.accounts()).map(({ id, config }) => [id, config]));
    expect([read.get(broken), read.get(whole)]).toEqual([undefined, { token: whole }]);
    await store.service.removeAccount(scope.tenantId, broken);
  });

  it('resumes what a restored tenant had not delivered', async () => {
    const scope = await newScope();
    await scope.turns.commit({
      ...turn('unsent', ['a:unsent']),
      deliveries: [{ state: 'pending' }],
      status: 'waiting',
    });
    const folder = await mkdtemp(join(tmpdir(), 'sapa-restore-'));
    const file = join(folder, 'tenant.sapa.gz');
    await store.maintenance.exportTenant(scope.tenantId, file);
    const copy = unique('t');
    await store.maintenance.restoreTenant(file, { id: copy, replace: false });
    await rm(folder, { recursive: true });
    const { conversationId } = turn('unsent', []);
    const lane = await store.service.lanes.claim(copy, conversationId, 'test', 1000);
    expect(lane).toMatchObject({ tenantId: copy, conversationId });
  });

  it('stores no secret and no key in plain text', async () => {
    const scope = await newScope();
    const config = { token: 'token-in-the-clear' };
    await store.service.putAccount({ id: unique('a'), tenantId: scope.tenantId, channel: 'web', config });
    const { key } = await store.service.createKey(scope.tenantId, 'ci');
    const code = await scope.codes.create('claim-staff', new Date(Date.now() + 60_000));
    const dump: string[] = [];
    for (const database of [
      store.connection.getClient().db(store.options.serviceDatabase),
      databaseOf(scope),
    ]) {
      for (const { name } of await database.listCollections().toArray()) {
        dump.push(JSON.stringify(await database.collection(name).find().toArray()));
      }
    }
    for (const secret of ['token-in-the-clear', key, key.slice(12), code]) {
      expect(dump.join('\n').includes(secret)).toBe(false);
    }
  });

  it('uses at most 50 namespaces per tenant until optional features are used', async () => {
    const scope = await newScope();
    const at = new Date();
    await scope.documents.putFile('d1', new Uint8Array([1]));
    await scope.documents.putChunks('d1', 1, [
      { id: 'c', documentId: 'd1', ordinal: 0, headings: [], text: 'x', generation: 1 },
    ]);
    await scope.codes.create('claim-staff', at);
    await scope.faq.insert([
      { id: 'f', question: 'q', answer: 'a', locale: 'en', createdAt: at, updatedAt: at },
    ]);
    const collections = await databaseOf(scope).listCollections().toArray();
    let namespaces = collections.length;
    for (const { name } of collections) {
      namespaces += (await databaseOf(scope).collection(name).indexes()).length;
    }
    expect(namespaces).toBeGreaterThan(30);
    expect(namespaces).toBeLessThanOrEqual(MAX_NAMESPACES);
  });

  it('completes a document removal interrupted by a crash', async () => {
    const scope = await newScope();
    const database = databaseOf(scope);
    const at = new Date();
    await scope.documents.putFile('d1', new Uint8Array([1, 2, 3]));
    await scope.documents.putChunks('d1', 1, [
      { id: 'c', documentId: 'd1', ordinal: 0, headings: [], text: 'x', generation: 1 },
    ]);
    await database
      .collection<{ _id: string }>('meta')
      .insertOne({ _id: 'removal:d1', ...{ kind: 'removal', subject: 'd1', at } });
    const again = await (await store.openAnother()).service.scope(scope.tenantId);
    expect(await again?.documents.getFile('d1')).toBeUndefined();
    expect(await database.collection('chunks').countDocuments({ documentId: 'd1' })).toBe(0);
    expect(await database.collection('meta').countDocuments({ kind: 'removal' })).toBe(0);
  });

  it('completes a committed import and removes an uncommitted one after a crash', async () => {
    const scope = await newScope();
    const faq = databaseOf(scope).collection<{ _id: string }>('faq');
    const at = new Date();
    const row = { question: 'q', answer: 'a', locale: 'en', createdAt: at, updatedAt: at };
    const [committedBatch, abandoned] = [`${Date.now()}:done`, '1:abandoned'];
    await faq.insertOne({ _id: 'f1', ...{ ...row, batch: committedBatch } });
    await faq.insertOne({ _id: 'f2', ...{ ...row, batch: abandoned } });
    await faq.insertOne({ _id: 'old', ...row });
    for (const [batch, answer] of [
      [committedBatch, 'new'],
      [abandoned, 'never'],
    ] as const) {
      await faq.insertOne({ _id: `${batch}:0`, ...{ ...row, answer, batch, replaces: 'old' } });
    }
    expect(await scope.faq.all()).toMatchObject([{ id: 'old', answer: 'a' }]);
    await databaseOf(scope)
      .collection<{ _id: string }>('meta')
      .insertOne({ _id: `import:${committedBatch}`, ...{ kind: 'import', subject: committedBatch } });
    const whole = [{ id: 'f1' }, { id: 'old', answer: 'new' }];
    expect(await scope.faq.all()).toMatchObject(whole);
    const again = await (await store.openAnother()).service.scope(scope.tenantId);
    expect(await again?.faq.all()).toMatchObject(whole);
    expect((await faq.find().toArray()).map(({ _id }) => _id).sort()).toEqual(['f1', 'old']);
  });

  it('completes a tenant removal interrupted by a crash', async () => {
    const scope = await newScope();
    await scope.inbox.accept(inboxEvent('a:1'));
    await store.connection
      .getClient()
      .db(store.options.serviceDatabase)
      .collection<{ _id: string }>('tenants')
      .updateOne({ _id: scope.tenantId }, { $set: { erasing: true } });
    expect(await store.service.tenant(scope.tenantId)).toBeUndefined();
    await expect(store.service.putTenant(scope.tenantId, settingsFor('x'))).rejects.toMatchObject({
      kind: 'conflict',
    });
    const other = await store.openAnother();
    expect(await databaseOf(scope).listCollections().toArray()).toEqual([]);
    expect((await other.service.putTenant(scope.tenantId, settingsFor('x'))).created).toBe(true);
  });
});

describe('a database that does not answer', () => {
  it('makes the store unavailable instead of hanging', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    silent.close();
    await expect(
      openStore({
        uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
        masterKey: randomBytes(32),
        clock: systemClock,
        makeId,
        logger: silentLogger,
      }),
    ).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
  });
});
