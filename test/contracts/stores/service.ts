import { expect, it } from 'vitest';
import {
  HOSTILE_STRINGS,
  inboxEvent,
  newScope,
  settingsFor,
  turn,
  unique,
  walk,
  type StoresUnderTest,
} from './under-test.js';

export function serviceContract(stores: StoresUnderTest): void {
  const service = (): StoresUnderTest['service'] => stores.service;

  it('creates a tenant once and changes it afterwards', async () => {
    const id = unique('t');
    expect(await service().scope(id)).toBeUndefined();
    expect(await service().tenant(id)).toBeUndefined();
    const first = await service().putTenant(id, settingsFor('One'));
    expect(first).toMatchObject({ created: true, tenant: { id, settings: { name: 'One' } } });
    const second = await service().putTenant(id, settingsFor('Two'));
    expect(second).toMatchObject({ created: false, tenant: { settings: { name: 'Two' } } });
    expect(await service().tenant(id)).toEqual(second.tenant);
  });

  it('creates a tenant once from many parallel calls', async () => {
    const id = unique('t');
    const results = await Promise.all(
      Array.from({ length: 10 }, () => service().putTenant(id, settingsFor('x'))),
    );
    expect(results.filter(({ created }) => created)).toHaveLength(1);
  });

  it('refuses ids that could not name a database', async () => {
    const wrong = ['', 'A', 'a.b', 'a b', 'a/b', 'a$', '-a', '_a', 'é', 'a'.repeat(49), ...HOSTILE_STRINGS];
    for (const id of wrong) {
      if (/^[a-z0-9][a-z0-9_-]{0,47}$/.test(id)) continue;
      await expect(service().putTenant(id, settingsFor('x')), id).rejects.toThrow(RangeError);
      expect(await service().scope(id)).toBeUndefined();
    }
  });

  it('returns an immutable scope, and a new one after the settings change', async () => {
    const { tenantId, settings } = await newScope(stores);
    const scope = await service().scope(tenantId);
    expect(Object.isFrozen(scope)).toBe(true);
    expect(Object.isFrozen(settings)).toBe(true);
    expect(Object.isFrozen(settings.business_hours.days)).toBe(true);
    expect(await service().scope(tenantId)).toBe(scope);
    await service().putTenant(tenantId, settingsFor('Changed'));
    expect((await service().scope(tenantId))?.settings.name).toBe('Changed');
    expect(scope?.settings.name).not.toBe('Changed');
  });

  it('never mixes two tenants that use the same ids', async () => {
    const [one, two] = [await newScope(stores), await newScope(stores)];
    for (const [scope, contactId] of [
      [one, 'first'],
      [two, 'second'],
    ] as const) {
      expect((await scope.inbox.accept(inboxEvent('a:1', { contactId }))).duplicate).toBe(false);
      expect(await scope.turns.commit(turn('turn-1', ['a:1'], { contactId }))).toBe(true);
    }
    expect((await one.inbox.get('a:1'))?.contactId).toBe('first');
    expect((await two.turns.get('turn-1'))?.contactId).toBe('second');
    await one.inbox.markAnswered(['a:1']);
    expect(await two.inbox.pending('conversation')).toHaveLength(1);
  });

  it('finds a tenant by its host, and gives a host to one tenant only', async () => {
    const host = `${unique('shop')}.example`;
    const [one, two] = [unique('t'), unique('t')];
    await service().putTenant(one, settingsFor('One', { hosts: [host.toUpperCase()] }));
    await service().putTenant(two, settingsFor('Two'));
    expect((await service().tenantByHost(`${host}:8000`))?.id).toBe(one);
    expect((await service().tenantByHost(`${host}.`))?.id).toBe(one);
    expect(await service().tenantByHost('other.example')).toBeUndefined();
    expect(await service().tenantByHost('')).toBeUndefined();
    await expect(service().putTenant(two, settingsFor('Two', { hosts: [host] }))).rejects.toMatchObject({
      kind: 'conflict',
    });
    await service().putTenant(one, settingsFor('One'));
    await service().putTenant(two, settingsFor('Two', { hosts: [host] }));
    expect((await service().tenantByHost(host))?.id).toBe(two);
  });

  it('lists all tenants in pages', async () => {
    const tenantIds = [unique('t'), unique('t'), unique('t')];
    for (const id of tenantIds) await service().putTenant(id, settingsFor(id));
    const ids = (await walk((page) => service().tenants(page), 2)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(tenantIds));
  });

  it('removes a tenant with all of its data', async () => {
    const scope = await newScope(stores);
    const id = scope.tenantId;
    const otherScope = await newScope(stores);
    const { key } = await service().createKey(id, 'mine');
    const keptKey = await service().createKey(otherScope.tenantId, 'theirs');
    const accountId = unique('account');
    await service().putAccount({ id: accountId, tenantId: id, channel: 'web', config: {} });
    await service().lanes.mark(id, 'c', stores.clock.now());
    await scope.inbox.accept(inboxEvent('a:1'));
    expect(await service().removeTenant(id)).toBe(true);
    expect(await service().removeTenant(id)).toBe(false);
    expect(await service().scope(id)).toBeUndefined();
    expect(await service().holderOfKey(key)).toBeUndefined();
    expect(await service().holderOfKey(keptKey.key)).toMatchObject({ tenantId: otherScope.tenantId });
    expect((await service().accounts()).map((account) => account.id)).not.toContain(accountId);
    expect(await service().lanes.claim(id, 'c', 'a', 1000)).toBeUndefined();
    await expect(scope.inbox.accept(inboxEvent('a:2'))).rejects.toMatchObject({ kind: 'unavailable' });
    await service().putTenant(id, settingsFor('again'));
    expect(await (await service().scope(id))?.inbox.get('a:1')).toBeUndefined();
  });

  it('knows the tenant of a key until it is revoked, and never shows the key again', async () => {
    const { tenantId } = await newScope(stores);
    const other = await newScope(stores);
    const { info, key } = await service().createKey(tenantId, 'ci');
    expect(key).toMatch(/^sapa_[A-Za-z0-9_-]{43}$/);
    expect(key.startsWith(info.prefix)).toBe(true);
    expect(info).not.toHaveProperty('lastUsedAt');
    expect(await service().holderOfKey(key)).toEqual({ tenantId, keyId: info.id });
    for (const wrong of ['', key.slice(0, -1), `${key}x`, key.toUpperCase(), 'sapa_', ...HOSTILE_STRINGS]) {
      expect(await service().holderOfKey(wrong)).toBeUndefined();
    }
    expect(await service().holderOfKey({ $ne: '' } as unknown as string)).toBeUndefined();
    expect(JSON.stringify(await service().keys(tenantId))).not.toContain(key.slice(12));
    expect(await service().revokeKey(other.tenantId, info.id)).toBe(false);
    expect(await service().revokeKey(tenantId, info.id)).toBe(true);
    expect(await service().holderOfKey(key)).toBeUndefined();
  });

  it('knows the scopes of a key', async () => {
    const { tenantId } = await newScope(stores);
    const { info, key } = await service().createKey(tenantId, 'site', ['chat:write']);
    expect(info.scopes).toEqual(['chat:write']);
    expect(await service().holderOfKey(key)).toMatchObject({ tenantId, scopes: ['chat:write'] });
    expect(await service().keys(tenantId)).toMatchObject([{ scopes: ['chat:write'] }]);
  });

  it('records the last use of a key', async () => {
    const { tenantId } = await newScope(stores);
    const { key } = await service().createKey(tenantId, 'ci');
    await service().holderOfKey(key);
    await expect
      .poll(async () => (await service().keys(tenantId))[0]?.lastUsedAt, { timeout: 10_000 })
      .toEqual(stores.clock.now());
  });

  it('stores accounts with their configuration and connection state', async () => {
    const [one, two] = [await newScope(stores), await newScope(stores)];
    const account = { id: unique('account'), tenantId: one.tenantId, channel: 'telegram' };
    await service().putAccount({ ...account, config: { token: 'old' } });
    const config = { token: 'new', $set: { __proto__: 1 }, list: [null, 'é'] };
    const stored = await service().putAccount({ ...account, config });
    expect(stored).toMatchObject({ ...account, config });
    expect((await service().accounts()).find(({ id }) => id === account.id)).toEqual(stored);
    await expect(
      service().putAccount({ ...account, tenantId: two.tenantId, config: {} }),
    ).rejects.toMatchObject({ kind: 'conflict' });
    await service().putConnectionState(account.id, { state: 'blocked', reason: 'token revoked' });
    expect(await service().connectionStates(one.tenantId)).toEqual([
      {
        accountId: account.id,
        channel: 'telegram',
        state: { state: 'blocked', reason: 'token revoked' },
        at: stores.clock.now(),
      },
    ]);
    expect(await service().connectionStates(two.tenantId)).toEqual([]);
    expect(await service().removeAccount(two.tenantId, account.id)).toBe(false);
    expect(await service().removeAccount(one.tenantId, account.id)).toBe(true);
  });

  it('counts changes of accounts, but not of their connection state', async () => {
    const { tenantId } = await newScope(stores);
    const account = { id: unique('account'), tenantId, channel: 'telegram' };
    const numbers = [await service().accountChanges()];
    for (const change of [
      () => service().putAccount({ ...account, config: {} }),
      () => service().pauseAccount(tenantId, account.id, true),
      () => service().putConnectionState(account.id, { state: 'stopped' }),
      () => service().removeAccount(tenantId, account.id),
    ]) {
      await change();
      numbers.push(await service().accountChanges());
    }
    const [before = 0] = numbers;
    expect(numbers).toEqual([0, 1, 2, 2, 3].map((more) => before + more));
  });
}
