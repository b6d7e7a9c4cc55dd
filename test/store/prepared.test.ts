import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenStore } from '../../src/store/index.js';
import { settingsFor, unique } from '../contracts/stores/under-test.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

const INDEX = 'conversationId_1_status_1_sequence_1';

describe("a tenant's indexes", () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  const tenants = () =>
    store.connection.getClient().db(store.options.serviceDatabase).collection<{ _id: string }>('tenants');

  async function inboxOf(id: string) {
    const row = await tenants().findOne<{ database?: string }>({ _id: id });
    const name = row?.database ?? `${store.options.databasePrefix ?? ''}${id}`;
    return store.connection.getClient().db(name).collection('inbox');
  }

  async function indexNames(id: string): Promise<unknown[]> {
    return (await (await inboxOf(id)).indexes()).map(({ name }) => name);
  }

  async function newTenant(by: OpenStore = store): Promise<string> {
    const id = unique('t');
    await by.service.putTenant(id, settingsFor(id));
    await by.service.scope(id);
    return id;
  }

  /** Opens the tenant as a process that has not seen it yet. */
  async function openElsewhere(id: string): Promise<void> {
    await (await store.openAnother()).service.scope(id);
  }

  it('are created when it is first opened, and not checked again', async () => {
    const id = await newTenant();
    expect(await indexNames(id)).toContain(INDEX);
    await (await inboxOf(id)).dropIndex(INDEX);
    await openElsewhere(id);
    expect(await indexNames(id)).not.toContain(INDEX);
  });

  it('are created again for another schema version or after a crash before they were recorded', async () => {
    const id = await newTenant();
    for (const change of [{ $set: { prepared: 'other:other' } }, { $unset: { prepared: 1 } }] as const) {
      await (await inboxOf(id)).dropIndex(INDEX);
      await tenants().updateOne({ _id: id }, change);
      await openElsewhere(id);
      expect(await indexNames(id)).toContain(INDEX);
    }
  });

  it('are created again by migrate, whatever is recorded', async () => {
    const id = await newTenant();
    await (await inboxOf(id)).dropIndex(INDEX);
    await store.maintenance.migrate();
    expect(await indexNames(id)).toContain(INDEX);
  });

  it('are created completely if many processes open it at once', async () => {
    const id = unique('t');
    const others = await Promise.all([1, 2, 3].map(() => store.openAnother()));
    await store.service.putTenant(id, settingsFor(id));
    await Promise.all(others.map((other) => other.service.scope(id)));
    expect(await indexNames(id)).toContain(INDEX);
    expect(await tenants().findOne({ _id: id, prepared: { $exists: true } })).not.toBeNull();
  });

  it('are created for a tenant that is removed and created again', async () => {
    const id = await newTenant();
    await store.service.removeTenant(id);
    await store.service.putTenant(id, settingsFor(id));
    await store.service.scope(id);
    expect(await indexNames(id)).toContain(INDEX);
  });

  it('exist after a restore, in place or as another tenant', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sapa-prepared-'));
    const file = join(folder, 'export.sapa.gz');
    const id = await newTenant();
    await store.maintenance.exportTenant(id, file);
    const copy = unique('t');
    await store.maintenance.restoreTenant(file, { id: copy, replace: false });
    await store.maintenance.restoreTenant(file, { replace: true });
    for (const restored of [id, copy]) {
      expect(await indexNames(restored)).toContain(INDEX);
      await (await inboxOf(restored)).dropIndex(INDEX);
      await openElsewhere(restored);
      expect(await indexNames(restored)).toContain(INDEX);
    }
    await rm(folder, { recursive: true });
  });
});

describe("the service's indexes", () => {
  it('are created when it is first opened, and again only for another version', async () => {
    const store = await openTestStore();
    const database = store.connection.getClient().db(store.options.serviceDatabase);
    const names = async (): Promise<unknown[]> =>
      (await database.collection('tenants').indexes()).map(({ name }) => name);
    expect(await names()).toContain('hosts_1');
    await database.collection('tenants').dropIndex('hosts_1');
    await store.openAnother();
    expect(await names()).not.toContain('hosts_1');
    await database
      .collection<{ _id: string }>('meta')
      .updateOne({ _id: 'indexes' }, { $set: { subject: 'other' } });
    await store.openAnother();
    expect(await names()).toContain('hosts_1');
    await store.close();
  });
});
