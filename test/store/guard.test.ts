import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../../src/contracts/stores.js';
import { guarded, storeErrorOf } from '../../src/store/guard.js';
import { inboxEvent, settingsFor, unique } from '../contracts/stores/under-test.js';
import { BreakableLink } from '../fakes/breakable-link.js';
import { openTestStore, startTestServer, type TestServer } from '../fakes/test-store.js';

function serverError(code: number, errmsg: string): Error {
  return new mongoose.mongo.MongoServerError({ message: errmsg, code, errmsg });
}

describe('database failures', () => {
  it('are classified by what can be done about them', () => {
    const kinds = [
      [serverError(11_000, 'E11000 duplicate key'), 'conflict'],
      [serverError(14_031, 'OutOfDiskSpace'), 'full'],
      [serverError(8000, 'you are over your space quota, using 512 MB of 512 MB'), 'full'],
      [serverError(1, 'write failed: ENOSPC: no space left on device'), 'full'],
      [serverError(10_107, 'not primary'), 'unavailable'],
      [serverError(91, 'shutdown in progress'), 'unavailable'],
      [new mongoose.mongo.MongoNetworkError('connection closed'), 'unavailable'],
      [Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }), 'unavailable'],
      [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }), 'unavailable'],
    ] as const;
    for (const [error, kind] of kinds) {
      expect(storeErrorOf(error)).toMatchObject({ name: 'StoreError', kind, cause: error });
    }
  });

  it('do not hide programming errors', () => {
    const mistakes = [
      new TypeError('x'),
      new RangeError('x'),
      serverError(2, 'bad value'),
      'text',
      undefined,
    ];
    for (const mistake of mistakes) expect(storeErrorOf(mistake)).toBe(mistake);
    const storeError = new StoreError('corrupt', 'x');
    expect(storeErrorOf(storeError)).toBe(storeError);
  });

  it('are mapped for every method, even while a list is being read', async () => {
    const failure = new mongoose.mongo.MongoNetworkError('connection closed');
    const store = guarded({
      name: 'store',
      read: () => Promise.reject<string>(failure),
      async *all(): AsyncGenerator<number> {
        yield await Promise.resolve(1);
        throw failure;
      },
    });
    expect(store.name).toBe('store');
    await expect(store.read()).rejects.toMatchObject({ kind: 'unavailable' });
    const items: number[] = [];
    await expect(
      (async () => {
        for await (const item of store.all()) items.push(item);
      })(),
    ).rejects.toMatchObject({ kind: 'unavailable' });
    expect(items).toEqual([1]);
  });
});

describe('a store whose database becomes unavailable', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it('reports that, keeps what it acknowledged, and recovers by itself', async () => {
    const link = new BreakableLink(server.uri);
    await link.mend();
    const store = await openTestStore({ server: { ...server, uri: link.uri } });
    const id = unique('t');
    await store.service.putTenant(id, settingsFor(id));
    const scope = await store.service.scope(id);
    await scope?.inbox.accept(inboxEvent('a:1'));
    const state = await store.service.accountState(id, 'account_1', 1);
    await link.cut();
    const entries = new Map([['key', Buffer.from('value')]]);
    await expect(state.write(entries)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(scope?.inbox.accept(inboxEvent('a:2'))).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(scope?.conversations.list({ limit: 1 })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.ping()).rejects.toMatchObject({ kind: 'unavailable' });
    await link.mend();
    await expect
      .poll(
        () =>
          store.ping().then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    expect(await scope?.inbox.get('a:1')).toMatchObject({ status: 'pending' });
    expect((await scope?.inbox.accept(inboxEvent('a:2')))?.duplicate).toBe(false);
    expect(await scope?.conversations.list({ limit: 1 })).toMatchObject({ items: [] });
    await state.write(entries);
    expect((await state.read(['key'])).get('key')).toEqual(entries.get('key'));
    await store.close();
    await link.cut();
  }, 60_000);
});
