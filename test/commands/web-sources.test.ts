import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWebSite, type WebSite } from '../fakes/web-site.js';
import { eventually } from '../support/wait.js';
import { openShop, write, type Shop } from './open-shop.js';

let shop: Shop;
let site: WebSite;
let staff: Awaited<ReturnType<Shop['person']>>;
beforeAll(async () => {
  site = await startWebSite({
    '/': {
      body: '<html><title>Rumah kaca</title><body><p>Anggrek bulan dijual 75.000 per pot.</p></body></html>',
    },
  });
  shop = await openShop();
  staff = await shop.person('ratri');
  await (await shop.scope()).contacts.update(staff.contact.id, { isStaff: true });
}, 60_000);
afterAll(async () => {
  await shop.close();
  await site.close();
});

async function said(count: number): Promise<string> {
  const turns = await eventually(
    async () => (await shop.scope()).turns.recent(staff.conversation.id, 10),
    ({ length }) => length >= count,
  );
  return turns.at(-1)?.answer.text ?? '';
}

describe('a web address in chat', () => {
  it('is read, reported when done, listed, and removed with one tap', async () => {
    const reply = await write(shop, staff, `/kb add ${site.url}/ every=day`, { locale: 'id' });
    expect(reply.text).toContain('setiap malam');
    expect(await said(1)).toMatch(/I have read .*: 1 page\.$/);
    expect((await write(shop, staff, '/kb search harga anggrek')).text).toContain('75.000');
    expect((await write(shop, staff, '/kb sources')).text).toMatch(/1 page, read .*20\d\d/);
    const undo = reply.buttons?.[0]?.[0]?.action ?? '';
    expect((await write(shop, staff, undo)).text).toContain('forgotten');
    expect((await write(shop, staff, '/kb search harga anggrek')).text).toBe('Nothing found.');
    expect((await write(shop, staff, '/kb sources')).text).toContain('No web address');
  });

  it('gets an explanation if it cannot be read, and is not requested at all if it is private', async () => {
    await write(shop, staff, `/kb add ${site.url}/nowhere`);
    expect(await said(2)).toContain('the site says there is no such page');
    const { text } = await write(shop, staff, '/kb add http://192.168.1.1/admin');
    expect(text).toContain('not a public web address');
    expect((await write(shop, staff, `/kb add ${site.url}/ depth=9`)).text).toContain('depth');
  });
});
