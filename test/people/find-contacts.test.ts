import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TenantScope } from '../../src/contracts/stores.js';
import { shortId } from '../../src/lib/ids/short-id.js';
import { openShop, type Shop } from '../commands/open-shop.js';

let shop: Shop;
let scope: TenantScope;
beforeAll(async () => {
  shop = await openShop();
  scope = await shop.scope();
});
afterAll(() => shop.close());

const namesFor = async (query: string): Promise<string[]> =>
  (await scope.contacts.list({ query }, { limit: 20 })).items.map(({ name = '' }) => name).sort();

it('finds people by any part of name, e-mail and number, ordered by time alone', async () => {
  const at = new Date();
  await scope.contacts.create(
    { name: 'Ani Wijaya', phone: '+6281234567890', email: 'ani.w@example.com' },
    at,
  );
  await scope.contacts.create({ name: 'Stefani 0812', email: 'stef@toko.id' }, at);
  await scope.contacts.create({ name: 'Ño', phone: '+6282111222333' }, at);
  expect(await namesFor('ani')).toEqual(['Ani Wijaya', 'Stefani 0812']);
  expect(await namesFor('JAYA')).toEqual(['Ani Wijaya']);
  expect(await namesFor('i w')).toEqual(['Ani Wijaya']);
  expect(await namesFor('0812')).toEqual(['Ani Wijaya', 'Stefani 0812']);
  expect(await namesFor('111 222')).toEqual(['Ño']);
  expect(await namesFor('4567')).toEqual(['Ani Wijaya']);
  expect(await namesFor('@toko')).toEqual(['Stefani 0812']);
  expect(await namesFor('ño')).toEqual(['Ño']);
  for (const none of ['zzz', '.*', '$ne', '999999', 'ani1']) expect(await namesFor(none), none).toEqual([]);
});

it('finds a renamed person by the new name only, even during simultaneous changes', async () => {
  const { id } = await scope.contacts.create({ name: 'Before Gunawan' }, new Date());
  await Promise.all([
    scope.contacts.update(id, { name: 'After Kusuma' }),
    scope.contacts.update(id, { email: 'gk@kantor.example' }),
    scope.contacts.update(id, { phone: '+6285700001111' }),
  ]);
  expect(await namesFor('gunawan')).toEqual([]);
  for (const query of ['kusuma', 'kantor', '00001111'])
    expect(await namesFor(query)).toEqual(['After Kusuma']);
  expect((await scope.contacts.list({ shortId: shortId(id) }, { limit: 5 })).items).toMatchObject([{ id }]);
  await scope.contacts.update(id, { name: null });
  expect(await namesFor('kusuma')).toEqual([]);
});

it('finds a merged person by the data of either, and an erased one by nothing', async () => {
  const one = await scope.contacts.create({ name: 'Merged Prasetyo' }, new Date());
  const two = await scope.contacts.create({ email: 'prasetyo2@example.com' }, new Date());
  await scope.contacts.merge(one.id, two.id);
  expect(await namesFor('prasetyo2@')).toEqual(['Merged Prasetyo']);
  const merged = await scope.contacts.get(two.id);
  if (merged !== undefined) await scope.contacts.erase(merged);
  expect(await namesFor('prasetyo')).toEqual([]);
});
