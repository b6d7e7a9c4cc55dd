import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantScope } from '../../src/contracts/stores.js';
import { Database } from '../../src/store/database.js';
import { contactTable } from '../../src/store/models/contacts.js';
import { inboxEvent, settingsFor, unique } from '../contracts/stores/under-test.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

const IDLE_MS = 600_000;

describe('idle tenants', () => {
  const clock = new ManualClock();
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore({ clock });
  });
  afterAll(() => store.close());

  async function scopeOf(id: string): Promise<TenantScope> {
    const scope = await store.service.scope(id);
    if (scope === undefined) throw new Error('no scope');
    return scope;
  }

  it('are unloaded and come back complete, even for holders of an old scope', async () => {
    const id = unique('t');
    await store.service.putTenant(id, settingsFor(id));
    const scope = await scopeOf(id);
    await scope.inbox.accept(inboxEvent('a:1'));
    await scope.faq.all();
    await expect
      .poll(
        async () => {
          clock.advance(IDLE_MS);
          await store.ping();
          return store.service.scope(id);
        },
        { timeout: 10_000 },
      )
      .not.toBe(scope);
    const again = await scopeOf(id);
    expect(await again.inbox.get('a:1')).toMatchObject({ key: 'a:1' });
    expect(await scope.inbox.get('a:1')).toMatchObject({ key: 'a:1' });
    expect(await again.faq.all()).toEqual([]);
    expect(await scope.faq.all()).toEqual([]);
  });

  it('leave no more database handles open than are in use', async () => {
    const ids = Array.from({ length: 6 }, () => unique('t'));
    for (const id of ids) {
      await store.service.putTenant(id, settingsFor(id));
      await (await scopeOf(id)).faq.list({ limit: 1 });
    }
    const open = (): number => {
      const handles: unknown = Reflect.get(store.connection, 'otherDbs');
      return Array.isArray(handles) ? handles.length : -1;
    };
    expect(open()).toBeGreaterThanOrEqual(ids.length);
    await expect
      .poll(
        () => {
          clock.advance(IDLE_MS);
          return open();
        },
        { timeout: 10_000 },
      )
      .toBeLessThanOrEqual(2);
  });

  it('cannot be queried with an operator in place of a value', async () => {
    const database = new Database(store.connection, `${store.options.databasePrefix ?? ''}filters`);
    const contacts = database.model(contactTable);
    const at = new Date();
    await contacts.insertMany([{ _id: 'c1', identities: [], isStaff: false, createdAt: at }]);
    const forged = { $ne: 'none' } as unknown as string;
    await expect(contacts.findOne({ _id: forged }).exec()).rejects.toThrow(mongoose.Error);
    await expect(contacts.findOne({ nothing: 'x' } as object).exec()).rejects.toThrow(mongoose.Error);
  });
});
