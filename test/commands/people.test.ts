import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortId } from '../../src/lib/ids/short-id.js';
import { openShop, write, type Shop } from './open-shop.js';

let shop: Shop;
beforeAll(async () => {
  const nine = [{ open: '09:00', close: '17:00' }];
  shop = await openShop({ business_hours: { days: { mon: nine, tue: nine } } });
});
afterAll(() => shop.close());

/** A Monday; the shop is in Jakarta, seven hours ahead of UTC. */
const OPEN = new Date('2026-11-23T03:00:00Z');
const CLOSED = new Date('2026-11-23T12:00:00Z');

describe('/help', () => {
  it('shows customers their commands and staff all commands', async () => {
    const person = await shop.person('budi');
    const help = await write(shop, person, '/help');
    expect(help.text).toContain('/human');
    expect(help.text).not.toContain('/teach');
    await (await shop.scope()).contacts.update(person.contact.id, { isStaff: true });
    expect((await write(shop, person, '/help')).text).toContain('/teach');
  });
});

describe('/start', () => {
  it("greets with the business's name and says whether it is open", async () => {
    const person = await shop.person('citra');
    const open = await write(shop, person, '/start', { now: OPEN });
    expect(open.text).toContain('Toko Uji');
    expect(open.text).toContain('open now, until 17:00');
    const closed = await write(shop, person, '/start', { locale: 'id', now: CLOSED });
    expect(closed.text).toContain('Buka lagi: besok, pukul 09:00');
  });
});

describe('/language', () => {
  it('changes the language of the person and the conversation, and replies in it', async () => {
    const person = await shop.person('dewi');
    const reply = await write(shop, person, '/language id');
    expect(reply).toEqual({ text: 'Baik, kita pakai bahasa Indonesia.', locale: 'id' });
    const scope = await shop.scope();
    expect((await scope.contacts.get(person.contact.id))?.locale).toBe('id');
    expect((await scope.conversations.get(person.conversation.id))?.locale).toBe('id');
    expect((await write(shop, person, '/language Inggris')).locale).toBe('en');
  });

  it('offers a button for each language, in that language', async () => {
    const reply = await write(shop, await shop.person('dian'), '/language');
    expect(reply.buttons?.flat()).toEqual([
      { label: 'English', action: '/language en' },
      { label: 'Bahasa Indonesia', action: '/language id' },
    ]);
  });

  it.each(['fr', 'constructor', 'en id'])('does not accept “%s” as a language', async (name) => {
    const person = await shop.person('eka');
    const reply = await write(shop, person, `/language ${name}`);
    expect(reply.text).toContain('`/language [language]`');
    expect((await (await shop.scope()).contacts.get(person.contact.id))?.locale).toBeUndefined();
  });
});

describe('/human', () => {
  it('hands the conversation to a person, once', async () => {
    const person = await shop.person('fitri');
    const first = await write(shop, person, '/human', { now: OPEN });
    // No staff member can be reached by chat, so nobody was notified.
    expect(first.text).toContain("can't reach anyone");
    expect(first.text).toContain('kept for them');
    expect(first.text).not.toContain('closed');
    const conversation = await (await shop.scope()).conversations.get(person.conversation.id);
    expect(conversation?.mode).toBe('human');
    expect((await write(shop, person, '/human', { now: OPEN })).text).toContain(
      'Nobody from our team has taken',
    );
  });

  it('says that a person looks after the chat only once somebody has taken it over', async () => {
    const person = await shop.person('galih');
    await write(shop, person, '/human', { now: OPEN });
    const staff = await shop.person('ratri');
    await (await shop.scope()).contacts.update(staff.contact.id, { isStaff: true });
    await write(shop, staff, `/takeover ${shortId(person.conversation.id)}`);
    expect((await write(shop, person, '/human', { now: OPEN })).text).toContain('looks after this chat');
  });

  it('says if the shop is closed', async () => {
    const reply = await write(shop, await shop.person('gita'), '/human', { locale: 'id', now: CLOSED });
    expect(reply.text).toContain('Senin–Selasa 09:00–17:00');
  });
});

describe('/feedback', () => {
  it('stores the rating and the comment with the last answer', async () => {
    const person = await shop.person('hadi');
    const scope = await shop.scope();
    expect((await write(shop, person, '/feedback up')).text).toContain('no answer to rate');
    await shop.services.outreach.say(scope, person.conversation.id, 'hello', 'Hello!', 'human');
    expect((await write(shop, person, '/feedback down too slow')).text).toContain('do better');
    expect((await write(shop, person, '/feedback 👍')).text).toContain('good to know');
  });

  it('asks with buttons if no rating is given, and explains itself for an invalid one', async () => {
    const person = await shop.person('indah');
    const reply = await write(shop, person, '/feedback');
    expect(reply.buttons?.flat().map(({ action }) => action)).toEqual(['/feedback up', '/feedback down']);
    expect((await write(shop, person, '/feedback maybe')).text).toContain('`/feedback [rating] [comment]`');
    expect((await write(shop, person, '/feedback toString')).text).toContain(
      '`/feedback [rating] [comment]`',
    );
  });
});

describe('/forget', () => {
  it('marks where the conversation starts afresh', async () => {
    const person = await shop.person('joko');
    await write(shop, person, '/forget', { now: OPEN });
    const conversation = await (await shop.scope()).conversations.get(person.conversation.id);
    expect(conversation?.forgottenBefore).toEqual(OPEN);
  });
});

describe('/privacy', () => {
  it('names the business that keeps the messages', async () => {
    expect((await write(shop, await shop.person('kiki'), '/privacy')).text).toContain('Toko Uji');
  });
});

describe('/claim', () => {
  const soon = (): Date => new Date(Date.now() + 60_000);

  it('makes one person with the code staff, and nobody after that', async () => {
    const scope = await shop.scope();
    const code = await scope.codes.create('claim-staff', soon());
    const [first, second] = [await shop.person('lina'), await shop.person('maya')];
    expect((await write(shop, first, `/claim ${code}`)).text).toContain('Welcome');
    expect((await scope.contacts.get(first.contact.id))?.isStaff).toBe(true);
    expect((await write(shop, second, `/claim ${code}`)).text).toContain('not valid');
    expect((await scope.contacts.get(second.contact.id))?.isStaff).toBe(false);
  });

  it.each(['', 'ABCDEFGH', 'two words', '$ne'])('makes nobody staff with “%s”', async (code) => {
    const person = await shop.person('nina');
    await write(shop, person, `/claim ${code}`);
    expect((await (await shop.scope()).contacts.get(person.contact.id))?.isStaff).toBe(false);
  });
});
