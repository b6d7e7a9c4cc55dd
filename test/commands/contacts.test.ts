import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortId } from '../../src/lib/ids/short-id.js';
import type { Contact, Conversation } from '../../src/contracts/stores.js';
import { openShop, write, type Shop } from './open-shop.js';

type Person = { readonly contact: Contact; readonly conversation: Conversation };

let shop: Shop;
let staff: Person;
let ani: Person;
beforeAll(async () => {
  shop = await openShop({
    contact_fields: [
      { name: 'size', type: 'choice', choices: ['S', 'M', 'XL'] },
      { name: 'birthday', type: 'date' },
      { name: 'points', type: 'number' },
    ],
  });
  staff = await shop.person('Sari');
  ani = await shop.person('Ani Wijaya');
  await (await shop.scope()).contacts.update(staff.contact.id, { isStaff: true });
});
afterAll(() => shop.close());

const contactOf = async (person: Person): Promise<Contact | undefined> =>
  (await shop.scope()).contacts.get(person.contact.id);
const say = (text: string, more = {}) => write(shop, staff, text, more);
/** 14:30 on a Saturday in Jakarta. */
const now = new Date('2026-11-28T07:30:00Z');

describe('/contact', () => {
  it('shows a person by name, number, e-mail or id, with the possible actions', async () => {
    await say('/contact Ani Wijaya phone=0812-3456-7890; email=Ani@Example.com');
    const id = shortId(ani.contact.id);
    for (const who of [
      'Ani Wijaya',
      'ani',
      'wijaya',
      '0812 3456 7890',
      'ani@example.com',
      id,
      ani.contact.id,
    ]) {
      const details = await say(`/contact ${who}`);
      expect(details.text, who).toContain('+6281234567890');
      expect(details.text, who).toContain(id);
    }
    const actions = (await say('/contact Ani')).buttons?.flat().map(({ action }) => action.split(' ')[0]);
    expect(actions).toEqual(['/takeover', '/note', '/followup']);
  });

  it('stores fields as the business defined them, explains what is wrong, and can undo', async () => {
    const saved = await say('/contact Ani Wijaya size=xl; birthday=25/12/1990; points=1.250.000; Kota=Solo');
    expect(saved.text).toContain('1990');
    expect((await contactOf(ani))?.fields).toEqual({
      size: 'XL',
      birthday: '1990-12-25',
      points: 1_250_000,
      Kota: 'Solo',
    });
    expect((await say('/contact Ani Wijaya size=huge')).text).toContain('S, M, XL');
    expect((await say('/contact Ani Wijaya points=many', { locale: 'id' })).text).toContain(
      'harus berupa angka',
    );
    expect((await say('/contact Ani Wijaya hp=call me')).text).toContain('is not a telephone number');
    const update = await say('/contact Ani Wijaya size=S');
    const [undo] = update.buttons?.flat() ?? [];
    await say(undo?.action ?? '');
    expect((await contactOf(ani))?.fields['size']).toBe('XL');
    await say('/contact Ani Wijaya Kota=');
    expect((await contactOf(ani))?.fields).not.toHaveProperty('Kota');
  });

  it('offers no undo that would be parsed differently from the old value', async () => {
    const { contact } = await shop.person('Bayu');
    const { contacts } = await shop.scope();
    for (const old of ['red; size=M', 'red;', 'red\nblue', 'red\nsize=M']) {
      await contacts.update(contact.id, { fields: { colour: old } });
      expect((await say('/contact Bayu colour=green')).buttons?.flat() ?? [], old).toEqual([]);
    }
    expect((await say('/contact Bayu colour=pink')).buttons?.flat()[0]?.action).toContain('colour=green');
  });

  it('names the owner of a number that is taken, and changes nothing', async () => {
    const dewi = await shop.person('Dewi');
    const reply = await say('/contact Dewi phone=+6281234567890');
    expect(reply.text).toContain('Ani Wijaya');
    expect((await contactOf(dewi))?.phone).toBeUndefined();
  });

  it('asks which person is meant if several share the name', async () => {
    const [one, two] = [await shop.person('Budi One'), await shop.person('Budi Two')];
    const reply = await say('/note budi likes tea');
    expect(
      reply.buttons
        ?.flat()
        .map(({ action }) => action)
        .sort(),
    ).toEqual([one, two].map(({ contact: { id } }) => `/note ${shortId(id)} likes tea`).sort());
    expect((await (await shop.scope()).contacts.notes(one.contact, { limit: 5 })).items).toEqual([]);
  });

  it.each(['/contact', '/tag', '/note', '/tag vip', '/note hello', '/followup add'])(
    'asks whom “%s” is about if this chat answers nobody',
    async (text) => {
      const reply = await say(text);
      expect(reply.text).toMatch(/Whom do you mean|can't find|missing/);
    },
  );
});

it('a follow-up with a time in place of a name asks whom it is for', async () => {
  expect((await say('/followup besok jam 9 Halo kak', { now })).text).toContain('Whom do you mean?');
  expect((await say('/followup in 2 hours Hello')).text).toContain('Whom do you mean?');
  expect((await say('/followup Ani Wijaya kemarin jam 9 Halo', { now })).text).toContain('which is over');
});

describe('commands about the person answered from this chat', () => {
  it('need no name: notes, tags, fields and follow-ups', async () => {
    const gita = await shop.person('Gita');
    await say('/takeover Gita');
    expect((await say('/note suka kopi tanpa gula')).text).toContain('**Gita**');
    expect((await say('/tag vip, gold')).text).toContain('vip, gold');
    await say('/contact size=M');
    const planned = await say('/followup besok jam 9 Halo kak, pesanannya siap', { now, locale: 'id' });
    expect(planned.text).toContain('**Gita**');
    expect(planned.text).toContain('29 Nov 2026, 09.00 (Asia/Jakarta)');
    expect(await contactOf(gita)).toMatchObject({ tags: ['vip', 'gold'], fields: { size: 'M' } });
    expect((await say('/note')).text).toContain('suka kopi tanpa gula');
    const mixed = await say('/tag Gita gold, new, -vip');
    expect(mixed.text).toBe('**Gita**: gold, new');
    await say(mixed.buttons?.flat()[0]?.action ?? '');
    expect((await say('/tag Gita')).text).toBe('**Gita**: gold, vip');
    // A full name refers to another person.
    expect((await say('/note Ani Wijaya takes two')).text).toContain('**Ani Wijaya**');
    const undo = (await say('/tag remove gold')).buttons?.flat()[0]?.action;
    expect(undo).toBe(`/tag add ${shortId(gita.contact.id)} gold`);
    await say('/release Gita');
  });
});

describe('/followup', () => {
  it('repeats the exact time, and lists, moves, edits and cancels with buttons', async () => {
    const hadi = await shop.person('Hadi');
    const planned = await say('/followup Hadi every Monday 09:00 New stock today', { now });
    expect(planned.text).toContain('every Monday at 09:00');
    expect(planned.text).toContain('(Asia/Jakarta)');
    const once = await say('/followup add Hadi in 2 hours | How was it?');
    const [cancel, move] = once.buttons?.flat() ?? [];
    const listed = await say('/followup list Hadi');
    expect(listed.text).toMatch(/2 messages wait/);
    const prompt = await say(move?.action ?? '');
    const tomorrow = prompt.buttons?.flat().find(({ action }) => action.endsWith('tomorrow 09:00'));
    expect((await say(tomorrow?.action ?? '')).text).toContain('09:00 (Asia/Jakarta)');
    const id = cancel?.action.split(' ').at(-1) ?? '';
    expect((await say(`/followup edit ${id} Was it good?`)).text).toContain('Was it good?');
    expect((await say(cancel?.action ?? '')).text).toContain('Cancelled');
    expect((await say(cancel?.action ?? '')).text).toContain('Nothing that waits');
    const waiting = await shop.services.planner.waiting(await shop.scope(), hadi.contact);
    expect(waiting).toMatchObject([{ message: 'New stock today', cron: '0 9 * * 1' }]);
    // From repeating to once.
    await say(`/followup move ${shortId(waiting[0]?.id ?? '')} besok jam 3`);
    const moved = await shop.services.planner.waiting(await shop.scope(), hadi.contact);
    expect(moved).toHaveLength(1);
    expect(moved[0]).not.toHaveProperty('cron');
  });

  it('says which months have the given day', async () => {
    await shop.person('Joko');
    for (const [when, described] of [
      ['every 31st', 'on the last day of every month at 09:00'],
      ['setiap tanggal 30', 'on day 30 of the months that have one, at 09:00'],
      ['every month on the 5th', 'on day 5 of every month at 09:00'],
    ] as const) {
      expect((await say(`/followup Joko ${when} Rent is due`, { now })).text).toContain(described);
    }
  });

  it('reports an unreadable time, a past one, and a person who opted out', async () => {
    const indah = await shop.person('Indah');
    expect((await say('/followup Indah kapan kapan halo')).text).toContain("can't read a time");
    expect((await say('/followup Indah 2026-01-01 halo', { now })).text).toContain('which is over');
    expect((await say('/followup Indah besok jam 9')).text).toContain('/followup add');
    await (await shop.scope()).contacts.update(indah.contact.id, { optedOut: true });
    expect((await say('/followup Indah besok jam 9 halo')).text).toContain('does not want');
    expect((await say('/followup lst')).text).toContain('/followup list');
  });
});

describe('/invite', () => {
  it('creates a code that makes one person staff, once', async () => {
    const { text } = await say('/invite');
    const code = /`\/claim (\w+)`/.exec(text)?.[1] ?? '';
    const [first, second] = [await shop.person('Joko'), await shop.person('Kiki')];
    await write(shop, first, `/claim ${code}`);
    await write(shop, second, `/claim ${code}`);
    expect([(await contactOf(first))?.isStaff, (await contactOf(second))?.isStaff]).toEqual([true, false]);
  });
});
