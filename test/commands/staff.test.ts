import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortId } from '../../src/lib/ids/short-id.js';
import { makePdf } from '../knowledge/parse/make-pdf.js';
import { openShop, write, type Shop } from './open-shop.js';

let shop: Shop;
let staff: Awaited<ReturnType<Shop['person']>>;
beforeAll(async () => {
  shop = await openShop();
  staff = await shop.person('ratri');
  await (await shop.scope()).contacts.update(staff.contact.id, { isStaff: true });
});
afterAll(() => shop.close());

const modeOf = async (id: string): Promise<string | undefined> =>
  (await (await shop.scope()).conversations.get(id))?.mode;

describe('taking over a conversation', () => {
  it("silences the bot, writes to the person once, and announces the bot's return", async () => {
    const scope = await shop.scope();
    const { conversation } = await shop.person('budi');
    await scope.conversations.update(conversation.id, { locale: 'id' });
    const id = shortId(conversation.id);
    expect((await write(shop, staff, `/takeover ${id}`)).text).toContain('You answer budi now');
    expect(await modeOf(conversation.id)).toBe('human');

    // The same event, run again after a crash, says it only once.
    const eventKey = 'bot:41';
    await write(shop, staff, `/takeover ${id} Halo, ini Ratri.`, { eventKey });
    await write(shop, staff, `/takeover ${id} Halo, ini Ratri.`, { eventKey });
    await write(shop, staff, `/release ${id}`);
    expect(await modeOf(conversation.id)).toBe('bot');
    const turns = await scope.turns.recent(conversation.id, 10);
    expect(turns.map(({ answer }) => answer.text)).toEqual([
      'Halo, ini Ratri.',
      'Asisten sudah kembali. Ada yang bisa saya bantu?',
    ]);
  });

  it('offers the waiting conversations if none is named, and releases the one being answered', async () => {
    const { conversation } = await shop.person('farah');
    await (await shop.scope()).conversations.update(conversation.id, { mode: 'human' });
    const reply = await write(shop, staff, '/takeover');
    const takeOver = { label: 'farah', action: `/takeover ${shortId(conversation.id)}` };
    expect(reply.buttons).toContainEqual([takeOver]);
    await write(shop, staff, takeOver.action);
    const desk = await (await shop.scope()).conversations.get(staff.conversation.id);
    expect(desk?.attends).toEqual({ conversationId: conversation.id, once: false });
    if (desk === undefined) throw new Error('the chat of staff is gone');
    const released = await write(shop, { ...staff, conversation: desk }, '/release');
    expect(released.text).toContain('answers farah again');
    expect(await modeOf(conversation.id)).toBe('bot');
  });

  it('tells a colleague who is replaced or released, and disconnects nobody else', async () => {
    const scope = await shop.scope();
    const [first, second] = [await shop.person('wulan'), await shop.person('sari')];
    for (const { contact } of [first, second]) await scope.contacts.update(contact.id, { isStaff: true });
    const { conversation } = await shop.person('gita');
    const other = await shop.person('hana');
    const id = shortId(conversation.id);
    const heard = async ({ conversation: desk }: typeof first): Promise<string | undefined> =>
      (await scope.turns.recent(desk.id, 10)).at(-1)?.answer.text;
    /** As somebody writes whose chat is connected to a conversation by now. */
    const now = async (person: typeof first): Promise<typeof first> => ({
      ...person,
      conversation: (await scope.conversations.get(person.conversation.id)) ?? person.conversation,
    });

    expect((await write(shop, first, `/takeover ${id}`)).text).not.toContain('Until now');
    const taken = await write(shop, second, `/takeover ${id}`);
    expect(taken.text).toContain('Until now wulan was answering; they have been told.');
    expect(await heard(first)).toBe('sari answers gita now, so what you write here no longer reaches them.');
    // Wulan answers somebody else: Sari stays connected.
    await write(shop, await now(first), `/takeover ${shortId(other.conversation.id)}`);
    const desk = (await scope.conversations.get(conversation.id))?.desk;
    expect(desk?.conversationId).toBe(second.conversation.id);
    // A single answer leaves a colleague connected, too.
    await write(shop, await now(first), `/reply ${id}`);
    expect((await scope.conversations.get(conversation.id))?.desk).toEqual(desk);
    await write(shop, await now(first), `/release ${id}`);
    expect(await heard(second)).toBe('Your team gave gita back to the assistant.');
  });

  it("is refused for one's own chat, with or without a message, in the right language", async () => {
    const id = shortId(staff.conversation.id);
    expect((await write(shop, staff, `/takeover ${id}`)).text).toContain('This is your own chat');
    expect((await write(shop, staff, `/takeover ${id} Halo`, { locale: 'id' })).text).toContain(
      'Ini obrolan Anda sendiri',
    );
    expect(await modeOf(staff.conversation.id)).toBe('bot');
    expect(await (await shop.scope()).turns.recent(staff.conversation.id, 10)).toEqual([]);
  });

  it('can be a pause without a person', async () => {
    const { conversation } = await shop.person('citra');
    await write(shop, staff, `/pause ${conversation.id}`);
    expect(await modeOf(conversation.id)).toBe('paused');
    await write(shop, staff, `/resume ${shortId(conversation.id)}`);
    expect(await modeOf(conversation.id)).toBe('bot');
  });

  it.each(['takeover', 'release', 'pause', 'resume'])(
    'with /%s changes nothing for an unknown id',
    async (name) => {
      const reply = await write(shop, staff, `/${name} nobody`);
      expect(reply.text).toContain("can't find the conversation “nobody”");
      expect(await modeOf(staff.conversation.id)).toBe('bot');
    },
  );
});

describe('/status', () => {
  it('shows channels with their reasons, who is waiting, and how much is known', async () => {
    await shop.service.putAccount({ id: 'tg1', tenantId: 'shop', channel: 'telegram', config: {} });
    await shop.service.putConnectionState('tg1', { state: 'blocked', reason: 'token revoked' });
    const { conversation } = await shop.person('dewi');
    await (await shop.scope()).conversations.update(conversation.id, { mode: 'human' });
    const { text } = await write(shop, staff, '/status');
    expect(text).toContain('- telegram: blocked (token revoked)');
    expect(text).toMatch(/conversations? (is|are) with a person/);
    expect(text).toMatch(
      new RegExp(`dewi.* · telegram · since .*, waiting · \`${shortId(conversation.id)}\``),
    );
    expect(text).toMatch(/0 documents|\d+ documents?/);
  });

  it("explains pairing in the language of staff, not in the platform's words", async () => {
    await shop.service.putAccount({ id: 'wa1', tenantId: 'shop', channel: 'whatsapp', config: {} });
    await shop.service.putConnectionState('wa1', { state: 'needs-pairing', reason: 'scan the code' });
    const { text } = await write(shop, staff, '/status');
    expect(text).toContain('(pair it with /channel pair)');
    expect(text).not.toContain('scan the code');
    await shop.service.removeAccount('shop', 'wa1');
  });
});

describe('/teach and /faq', () => {
  it('teach in the language of the question, whatever staff chat in, and keep one answer to it', async () => {
    const taught = async (text: string) => {
      await write(shop, staff, text, { locale: 'id' });
      const { best } = await shop.services.faq.match(await shop.scope(), 'Do you sell kites?', 'en');
      return [best?.entry.answer, best?.entry.locale];
    };
    expect(await taught('/teach Do you sell kites? | Not yet.')).toEqual(['Not yet.', 'en']);
    expect(await taught('/faq add Do you sell kites? | Yes, red ones.')).toEqual(['Yes, red ones.', 'en']);
    const scope = await shop.scope();
    const entries = (await scope.faq.all()).filter(({ question }) => question.includes('kites'));
    expect(entries).toHaveLength(1);
    for (const { id } of entries) await shop.services.faq.remove(scope, id);
  });

  it('teach an answer that is given from then on, and forget it again', async () => {
    const scope = await shop.scope();
    await write(shop, staff, '/teach Do you sell umbrellas? | Yes, for Rp 160.000.');
    const { best, threshold } = await shop.services.faq.match(scope, 'do you sell umbrellas', 'en');
    expect(best?.score).toBeGreaterThanOrEqual(threshold);
    expect((await write(shop, staff, '/faq match do you sell umbrellas?')).text).toContain('Rp 160.000');

    const [entry] = await scope.faq.all();
    const removal = await write(shop, staff, `/faq remove ${shortId(entry?.id ?? '')}`);
    expect(removal.text).toContain('Yes, for Rp 160.000.');
    expect(await scope.faq.all()).toEqual([]);
    expect((await write(shop, staff, '/faq')).text).toContain('no frequent questions yet');
  });

  it('import all rows of a CSV or none, and name the wrong row', async () => {
    const scope = await shop.scope();
    const good = 'question,answer,locale\nAda parkir?,Ada.,id\nIs there parking?,Yes.,en\n';
    expect((await write(shop, staff, '/faq add', { files: { 'faq.csv': good } })).text).toContain(
      '2 entries',
    );
    const bad = 'question,answer,locale\nAda toilet?,Ada.,id\nAda musala?,,id\n';
    expect((await write(shop, staff, '/faq add', { files: { 'faq.csv': bad } })).text).toMatch(/Row 3/);
    expect(await scope.faq.all()).toHaveLength(2);
    expect((await write(shop, staff, '/faq list', { locale: 'id' })).text).toContain('2 pertanyaan umum');
  });

  it.each([
    '/teach',
    '/teach question',
    '/teach | answer',
    '/faq add',
    '/faq what',
    '/faq list x',
    '/faq match',
  ])('%s explains its usage and changes nothing', async (text) => {
    const before = await (await shop.scope()).faq.all();
    expect((await write(shop, staff, text)).text).toContain('It works like this');
    expect(await (await shop.scope()).faq.all()).toEqual(before);
  });
});

describe('/unanswered', () => {
  it('lists open questions, sends an answer to those who asked, and dismisses others', async () => {
    const scope = await shop.scope();
    expect((await write(shop, staff, '/unanswered')).text).toContain('No open questions');
    const asker = await shop.person('eka');
    const at = new Date();
    const ask = { locale: 'id' as const, conversationId: asker.conversation.id, at };
    await scope.unanswered.record({ ...ask, text: 'bisa sewa kebaya?' });
    await scope.unanswered.record({ ...ask, text: 'jual helm?' });
    const { text } = await write(shop, staff, '/unanswered');
    expect(text).toContain('2 questions');
    const number = /(\d)\. bisa sewa kebaya/.exec(text)?.[1] ?? '';

    const answered = await write(shop, staff, `/unanswered answer ${number} Belum bisa, maaf.`);
    expect(answered.text).toContain('“bisa sewa kebaya?”');
    expect(answered.text).toContain('One conversation was notified');
    const [notice] = await scope.turns.recent(asker.conversation.id, 1);
    expect(notice?.answer.text).toBe('Anda pernah bertanya: “bisa sewa kebaya?”\n\nBelum bisa, maaf.');

    const [open] = (await scope.unanswered.list({ limit: 10 })).items.filter(
      ({ status }) => status === 'open',
    );
    await write(shop, staff, `/unanswered dismiss ${shortId(open?.id ?? '')}`);
    expect((await write(shop, staff, '/unanswered')).text).toContain('No open questions');
  });

  it('shows a question with a draft to approve in one tap, and asks for an own answer', async () => {
    const scope = await shop.scope();
    const asker = await shop.person('citra');
    await shop.knowledge.upsert(scope, {
      id: 'sewa',
      title: 'Sewa',
      text: 'Sewa payung pengantin Rp 90.000 per hari.',
    });
    const question = {
      locale: 'id' as const,
      conversationId: asker.conversation.id,
      contactId: asker.contact.id,
    };
    await shop.services.unanswered.record(scope, {
      ...question,
      text: 'sewa payung pengantin emas berapa hari?',
    });
    const { buttons: list } = await write(shop, staff, '/unanswered');
    const details = await write(shop, staff, list?.[0]?.[0]?.action ?? '');
    expect(details.text).toContain('one person asked');
    expect(details.text).toContain(
      'The nearest passage, which may not answer it:\n> Sewa payung pengantin Rp 90.000',
    );
    const [[approve] = [], [ask] = []] = details.buttons ?? [];
    const asking = await write(shop, staff, ask?.action ?? '');
    expect(asking.text).toContain('Your next message is it');
    expect(asking.asks).toBe(ask?.action);

    // If the draft has changed since it was shown, the new one is shown before it can be approved.
    const stale = await write(shop, staff, (approve?.action ?? '').replace(/\S+$/, 'older1'));
    expect(stale.text).toBe(details.text);
    const done = await write(shop, staff, approve?.action ?? '');
    expect(done.text).toContain('One conversation was notified');
    const [notice] = await scope.turns.recent(asker.conversation.id, 1);
    expect(notice?.answer.text).toContain('Rp 90.000 per hari');
    await shop.knowledge.remove(scope, 'sewa');
  });

  it.each(['/unanswered answer', '/unanswered show', '/unanswered dismiss', '/unanswered x'])(
    '%s explains its usage',
    async (text) => {
      expect((await write(shop, staff, text)).text).toContain('It works like this');
    },
  );

  it('does not answer a question that does not exist', async () => {
    expect((await write(shop, staff, '/unanswered answer 7 Yes.')).text).toContain('“7”');
    expect((await write(shop, staff, '/unanswered dismiss 0')).text).toContain('“0”');
  });
});

describe('/kb', () => {
  it('adds a text that is found at once, shows why, and removes it', async () => {
    await write(shop, staff, '/kb add Umbrellas | A batik umbrella costs Rp 160.000.');
    expect((await write(shop, staff, '/kb search price of an umbrella')).text).toContain('Rp 160.000');
    const tested = await write(shop, staff, '/kb test umbrella', { locale: 'id' });
    expect(tested.text).toMatch(/skor \d,\d\d, kata kunci \d,\d\d, makna –/);
    const [document] = (await (await shop.scope()).documents.list({ limit: 10 })).items;
    expect((await write(shop, staff, '/kb')).text).toContain('Umbrellas · ');
    await write(shop, staff, `/kb remove ${shortId(document?.id ?? '')}`);
    expect((await write(shop, staff, '/kb search umbrella')).text).toContain('Nothing found');
  });

  it('accepts attached files and reads them in the background', async () => {
    const files = { 'harga.csv': 'produk,harga\nPayung batik,Rp 160.000\nTopi batik,Rp 80.000\n' };
    const reply = await write(shop, staff, '/kb add', { files });
    expect(reply.text).toContain('being read');
    await expect
      .poll(async () => (await write(shop, staff, '/kb search harga payung', { locale: 'id' })).text, {
        timeout: 20_000,
      })
      .toContain('160.000');
    const lastAnswer = async (): Promise<string> =>
      (await (await shop.scope()).turns.recent(staff.conversation.id, 1))[0]?.answer.text ?? '';
    await expect
      .poll(lastAnswer, { timeout: 20_000 })
      .toContain('as a CSV table: 2 passages. It begins: “produk: Payung');

    const updatedFiles = { 'harga.csv': files['harga.csv'].replace('160.000', '175.000') };
    await write(shop, staff, '/kb add', { files: updatedFiles });
    await expect.poll(lastAnswer, { timeout: 20_000 }).toContain('1 passage new or changed, 1 removed');
    const [turn] = await (await shop.scope()).turns.recent(staff.conversation.id, 1);
    const undo = turn?.answer.bubbles.at(-1)?.buttons?.[0]?.[0]?.action ?? '';
    expect((await write(shop, staff, undo)).text).toMatch(/was withdrawn\. The file from .* is used again/);
    expect((await write(shop, staff, '/kb search harga payung')).text).toContain('160.000');
    expect((await write(shop, staff, undo)).text).toContain('There is no document');

    await write(shop, staff, '/kb add', { files: { 'kosong.pdf': makePdf([[]]) } });
    await expect.poll(lastAnswer, { timeout: 20_000 }).toContain('a scanned file needs its text recognised');
  });

  it('explains what is wrong with a file that is not text', async () => {
    const files = {
      'picture.png': Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
    };
    expect((await write(shop, staff, '/kb add', { files })).text).toContain("can't read this kind of file");
  });

  it.each(['/kb add', '/kb add title', '/kb search', '/kb test', '/kb remove', '/kb x'])(
    '%s explains its usage',
    async (text) => {
      expect((await write(shop, staff, text)).text).toContain('It works like this');
    },
  );
});

describe('settings in chat', () => {
  it('suggest the right form and change nothing if `set` is missing', async () => {
    const week = await write(shop, staff, '/hours mon 10-18');
    expect(week.text).toContain('Did you mean `/hours set mon 10-18`?');
    expect(week.buttons?.flat()).toEqual([{ label: '/hours set mon 10-18', action: '/hours set mon 10-18' }]);
    const words = `Shop talk is warm.\nUse \`emoji\` rarely. ${'Be kind. '.repeat(20)}`;
    const persona = await write(shop, staff, `/persona ${words}`);
    expect(persona.text).toContain("Did you mean `/persona set Shop talk is warm. Use 'emoji' rarely.");
    // Its beginning alone would set nothing.
    expect(persona.buttons).toBeUndefined();
    expect((await write(shop, staff, '/persona shwo')).text).toContain('Did you mean `/persona show`?');
    expect((await shop.scope()).settings).toMatchObject({ persona: '', business_hours: {} });
  });

  it('show and set the persona and the working rules', async () => {
    expect((await write(shop, staff, '/persona')).text).toContain('No persona');
    await write(shop, staff, '/persona set Ramah.\nSingkat.');
    expect((await write(shop, staff, '/persona')).text).toBe('Ramah.\nSingkat.');
    expect((await write(shop, staff, '/sop set')).text).toContain('It works like this');
    const tooLong = await write(shop, staff, `/sop set ${'x'.repeat(20_001)}`);
    expect(tooLong.text).toContain('20,001');
    expect((await shop.scope()).settings.sop).toBe('');
  });

  it('set the weekly hours and keep the holidays', async () => {
    const scope = await shop.scope();
    const holidays = [{ date: '2099-12-25', name: 'Natal' }];
    await shop.services.updateSettings(scope, {
      business_hours: { ...scope.settings.business_hours, holidays },
    });
    const saved = await write(shop, staff, '/hours set senin-jumat 09.00-17.00', { locale: 'id' });
    expect(saved.text).toContain('Senin–Jumat 09:00–17:00');
    const hoursReply = await write(shop, staff, '/hours');
    expect(hoursReply.text).toContain('Monday–Friday 09:00–17:00 (Asia/Jakarta)');
    expect(hoursReply.text).toContain('Friday, December 25, 2099 (Natal): closed');
    expect((await write(shop, staff, '/hours set mon 17-9')).text).toContain('It works like this');
    await write(shop, staff, '/hours clear');
    expect((await shop.scope()).settings.business_hours).toMatchObject({ days: {}, holidays });
  });
});
