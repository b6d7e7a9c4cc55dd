import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noModel, openBatikShop } from './support/batik-shop.js';
import { PUSH } from './support/open-conversation.js';

const PRICES = { 'harga.md': '# Daftar harga\n\nPayung batik Rp160.000. Topi batik Rp80.000.\n' };

let shop: Awaited<ReturnType<typeof openBatikShop>>;
beforeAll(async () => {
  shop = await openBatikShop();
  await staff('ratri');
});
afterAll(() => shop.close());

async function staff(person: string): Promise<void> {
  const { turn } = await shop.say('/start', { models: noModel(), person });
  await (await shop.scope()).contacts.update(turn.contactId, { isStaff: true });
}

const titles = async (): Promise<readonly string[]> =>
  (await (await shop.scope()).documents.list({ limit: 50 })).items.map(({ title }) => title).sort();
const KEPT = ['Caring for batik', 'Shipping costs'];

describe('a document that staff send without a command', () => {
  const how = { models: noModel(), person: 'ratri', capabilities: PUSH } as const;

  it('is read and previewed, becomes knowledge only when they keep it, and is gone after an undo', async () => {
    const { turn } = await shop.sendFiles(PRICES, how);
    expect(turn.answer.text).toContain('Payung batik Rp160.000');
    expect(await titles()).toEqual(KEPT);
    const [keep, leave] = turn.answer.bubbles.at(-1)?.buttons?.flat() ?? [];
    expect(Buffer.byteLength(keep?.action ?? '')).toBeLessThanOrEqual(64);

    expect((await shop.press(leave?.action ?? '', how)).turn.answer.text).toMatch(/haven't saved/);
    expect(await titles()).toEqual(KEPT);

    const reply = await shop.press(keep?.action ?? '', how);
    expect(await titles()).toHaveLength(3);
    const [undo] = reply.turn.answer.bubbles.at(-1)?.buttons?.flat() ?? [];
    expect(undo?.label).toMatch(/^Undo/);
    await shop.press(undo?.action ?? '', how);
    expect(await titles()).toEqual(KEPT);
  });

  it('is offered for keeping even with a caption, and the caption is not taken for a question', async () => {
    const { turn } = await shop.sendFiles(PRICES, { ...how, caption: 'do you accept QRIS?' });
    expect(turn.answer.text).toContain('Payung batik');
    expect(turn.answer.text).not.toContain('Yes, with');
  });

  it('can be kept with a typed command where there are no buttons', async () => {
    await shop.sendFiles(PRICES, { models: noModel(), person: 'ratri' });
    await shop.say('/kb add', { models: noModel(), person: 'ratri' });
    expect(await titles()).toHaveLength(3);
    const scope = await shop.scope();
    const document = (await scope.documents.list({ limit: 50 })).items.find(
      ({ title }) => !KEPT.includes(title),
    );
    await shop.say(`/kb remove ${document?.id ?? ''}`, { models: noModel(), person: 'ratri' });
    expect(await titles()).toEqual(KEPT);
  });

  it('gets an explanation and no offer if it cannot be read', async () => {
    const { turn } = await shop.sendFiles({ 'empty.txt': ' \n' }, how);
    expect(turn.answer.text).toMatch(/no text/);
    expect(turn.answer.bubbles.at(-1)?.buttons).toBeUndefined();
  });

  it('cannot be kept from another conversation, and a customer can keep nothing', async () => {
    await staff('other');
    const { turn } = await shop.sendFiles(PRICES, how);
    const [keep] = turn.answer.bubbles.at(-1)?.buttons?.flat() ?? [];
    const elsewhere = await shop.press(keep?.action ?? '', { ...how, person: 'other' });
    expect(elsewhere.turn.answer.text).toMatch(/can't find a file/);
    const customer = await shop.sendFiles(PRICES, { ...how, person: 'customer' });
    expect(customer.turn.answer.text).not.toContain('Payung batik');
    expect((await shop.press('/kb add', { ...how, person: 'customer' })).turn.answer.text).toMatch(
      /our staff/,
    );
    expect(await titles()).toEqual(KEPT);
  });
});
