import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountState } from '../../src/contracts/channel.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

let store: TestStore;
let account = 0;

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function valueOf(state: AccountState, key: string): Promise<string | undefined> {
  const value = (await state.read([key])).get(key);
  return value === undefined ? undefined : Buffer.from(value).toString();
}

const open = (id: string, fence: number): Promise<AccountState> =>
  store.service.accountState('demo', id, fence);

describe('the state that a channel stores for its account', () => {
  it('survives a restart byte for byte, and is gone once removed', async () => {
    const id = `account_${account++}`;
    const first = await open(id, 1);
    const binary = Uint8Array.from({ length: 256 }, (_, index) => index);
    await first.write(
      new Map([
        ['creds', binary],
        ['key/1', bytes('a')],
        ['key/2', bytes('b')],
      ]),
    );
    await first.write(new Map([['key/1', undefined]]));
    const second = await open(id, 2);
    expect((await second.read(['creds'])).get('creds')).toEqual(Buffer.from(binary));
    expect(await second.keys('key/')).toEqual(['key/2']);
    expect(await valueOf(second, 'key/1')).toBeUndefined();
    await second.clear();
    expect(await second.keys('')).toEqual([]);
  });

  it('is written only by the process that holds the connection', async () => {
    const id = `account_${account++}`;
    const older = await open(id, 10);
    await older.write(new Map([['session', bytes('old')]]));
    const newer = await open(id, 11);
    await newer.write(new Map([['session', bytes('new')]]));
    await expect(older.write(new Map([['session', bytes('stale')]]))).rejects.toMatchObject({
      kind: 'conflict',
    });
    await expect(open(id, 10)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await valueOf(newer, 'session')).toBe('new');
  });

  it('is written as a whole or not at all, and in the order of the writes', async () => {
    const id = `account_${account++}`;
    const state = await open(id, 1);
    const writes = Array.from({ length: 20 }, (_, index) =>
      state.write(
        new Map([
          ['a', bytes(String(index))],
          ['b', bytes(String(index))],
        ]),
      ),
    );
    await Promise.all(writes);
    expect([await valueOf(state, 'a'), await valueOf(state, 'b')]).toEqual(['19', '19']);
  });

  it('is completed after an interrupted write before it is read again', async () => {
    const id = `account_${account++}`;
    const state = await open(id, 1);
    await state.write(
      new Map([
        ['a', bytes('1')],
        ['b', bytes('1')],
      ]),
    );
    // The state left by a process that was killed after its batch was accepted but before it was applied.
    const native = store.connection.getClient().db(store.options.serviceDatabase);
    const rows = await native.collection('account_states').find({ accountId: id }).toArray();
    const changes = rows.map((row) => ({ key: row['key'] as string, sealed: null }));
    await native
      .collection<{ _id: string }>('account_state_heads')
      .updateOne({ _id: id }, { $set: { batches: 2, pending: [{ number: 2, changes }] } });
    const next = await open(id, 2);
    expect(await next.keys('')).toEqual([]);
    await next.write(new Map([['a', bytes('3')]]));
    expect(await valueOf(next, 'a')).toBe('3');
  });

  it('is unreadable with the database alone', async () => {
    const id = `account_${account++}`;
    await (await open(id, 1)).write(new Map([['creds', bytes('a private key')]]));
    const native = store.connection.getClient().db(store.options.serviceDatabase);
    const rows = await native.collection('account_states').find({ accountId: id }).toArray();
    const encoded = Buffer.from('a private key').toString('base64');
    expect(JSON.stringify(rows)).not.toContain('private key');
    expect(JSON.stringify(rows)).not.toContain(encoded);
  });

  it('is removed with its account', async () => {
    const id = `account_${account++}`;
    await store.service.putAccount({ id, tenantId: 'demo', channel: 'x', config: {} });
    await (await open(id, 1)).write(new Map([['creds', bytes('secret')]]));
    await store.service.removeAccount('demo', id);
    expect(await (await open(id, 1)).keys('')).toEqual([]);
  });
});
