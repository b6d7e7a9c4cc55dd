import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectQuote } from '../../src/knowledge/index.js';
import { createExtractiveModel } from '../../src/llm/extractive/index.js';
import { shortId } from '../../src/lib/ids/short-id.js';
import { write } from '../commands/open-shop.js';
import { openConversation, PUSH } from './support/open-conversation.js';

/** A model that only answers in the business's own words. */
const models = [createExtractiveModel({ select: selectQuote, lead: () => '' })];
const PEOPLE = { person: 'putri', capabilities: PUSH, models };
let shop: Awaited<ReturnType<typeof openConversation>>;
let staff: Awaited<ReturnType<typeof shop.person>>;
beforeAll(async () => {
  shop = await openConversation({ locale: 'id' });
  staff = await shop.person('ratri');
  const scope = await shop.scope();
  await scope.contacts.update(staff.contact.id, { isStaff: true });
  for (const [question, answer] of [
    ['Berapa biaya sewa kebaya?', 'Rp 150.000 per hari.'],
    ['Berapa biaya jahit kebaya?', 'Mulai Rp 400.000.'],
    ['Bolehkah membatalkan pesanan?', 'Boleh, sehari sebelumnya.'],
  ] as const) {
    await shop.faq.add(scope, { question, answer, locale: 'id' });
  }
}, 60_000);
afterAll(() => shop.close());

const command = async (text: string) => write(shop, staff, text);

describe('a choice that people make', () => {
  it('becomes a phrasing of the entry once staff approve it, and is then answered directly', async () => {
    const firstAnswer = await shop.say('biaya kebaya berapa', PEOPLE);
    const [choice] = firstAnswer.turn.answer.choices ?? [];
    expect(choice?.label).toContain('kebaya');
    const button = firstAnswer.turn.answer.bubbles.at(-1)?.buttons?.[0]?.[0]?.action ?? '';
    const answered = await shop.press(button, PEOPLE);
    expect(answered.turn.answer.source).toBe('faq');

    const [, other] = firstAnswer.turn.answer.choices ?? [];
    if (other !== undefined) {
      const second = await shop.say(other.send, PEOPLE);
      expect(second.turn.answer.source, 'another of the same choices').toBe('faq');
    }

    const proposals = await command('/faq proposals');
    expect(proposals.text).toContain('“biaya kebaya berapa” (one person)');
    const accepted = await command(proposals.buttons?.[0]?.[0]?.action ?? '');
    expect(accepted.text).toContain('“biaya kebaya berapa” now matches');
    expect((await command('/faq proposals')).text).toContain('Nothing to decide');

    const again = await shop.say('Biaya kebaya berapa?', { ...PEOPLE, person: 'wati' });
    expect(again.turn.answer.text).toBe(answered.turn.answer.text);
  });

  it('is not proposed again after staff dismissed it, and never comes from staff', async () => {
    const scope = await shop.scope();
    const [entry] = await scope.faq.all();
    const proposal = { entryId: entry?.id ?? '', contactId: 'c1', wording: 'kebaya kena brp' };
    await shop.services.phrasings.propose(scope, proposal);
    const [, [decline] = []] = (await command('/faq proposals')).buttons ?? [];
    expect((await command(decline?.action ?? '')).text).toContain('was rejected');
    await shop.services.phrasings.propose(scope, {
      ...proposal,
      wording: 'Kebaya kena BRP??',
      contactId: 'c2',
    });
    for (const wording of ['???', entry?.question ?? '']) {
      await shop.services.phrasings.propose(scope, { ...proposal, wording });
    }
    expect((await command('/faq proposals')).text).toContain('Nothing to decide');
    expect((await command('/faq accept nobody')).text).toContain('nobody');
  });

  it('counts the same person once and two people twice, even at the same moment', async () => {
    const scope = await shop.scope();
    const [entry] = await scope.faq.all();
    const choice = { entryId: entry?.id ?? '', wording: 'kebaya sehari kena berapaan' };
    await Promise.all(
      ['c1', 'c1', 'c1', 'c2', 'c2'].map((contactId) =>
        shop.services.phrasings.propose(scope, { ...choice, contactId }),
      ),
    );
    const proposals = await command('/faq proposals');
    expect(proposals.text).toContain('“kebaya sehari kena berapaan” (2 people)');
    await command(proposals.buttons?.[1]?.[0]?.action ?? '');
  });

  it('can be listed, added and removed as a phrasing in chat', async () => {
    const scope = await shop.scope();
    const entry = (await scope.faq.all()).find(({ question }) => question.includes('membatalkan'));
    const id = shortId(entry?.id ?? '');
    expect((await command(`/faq phrasings ${id}`)).text).toContain('has no other phrasings yet');
    await command(`/faq phrase ${id} bisa cancel ga`);
    const listed = await command(`/faq phrase ${id} kalau batal gimana`);
    expect(listed.text).toContain('1. bisa cancel ga\n2. kalau batal gimana');
    const reply = await command(listed.buttons?.[0]?.[0]?.action ?? '');
    expect(reply.text).toContain('1. kalau batal gimana');
    expect((await scope.faq.get(entry?.id ?? ''))?.phrasings).toEqual(['kalau batal gimana']);
    expect((await command('/faq phrasings nothing')).text).toContain('There is no entry');
  });

  it('stays an open question for staff until somebody finds an answer among the choices', async () => {
    const scope = await shop.scope();
    const open = async () => {
      const { items } = await scope.unanswered.list({ limit: 50 });
      return items.map(({ question, people }) => [question, people.length]);
    };
    for (const [question, answer] of [
      ['Berapa biaya kelas menari?', 'Rp 50.000.'],
      ['Berapa biaya kelas merias?', 'Rp 90.000.'],
    ] as const) {
      await shop.faq.add(scope, { question, answer, locale: 'id' });
    }
    const wording = 'halo, biaya kelas berapa';
    for (const person of ['dewi', 'sari']) {
      expect((await shop.say(wording, { ...PEOPLE, person })).turn.answer.choices).toBeDefined();
    }
    expect(await open()).toEqual([['biaya kelas berapa', 2]]);
    await shop.say('yang pertama', { ...PEOPLE, person: 'dewi' });
    expect(await open(), 'one found it, one went away').toEqual([['biaya kelas berapa', 1]]);
    await shop.say('1', { ...PEOPLE, person: 'sari' });
    expect(await open()).toEqual([]);
    for (const person of ['tuti', 'rina']) await shop.say(wording, { ...PEOPLE, person });
    await shop.say('bukan semua', { ...PEOPLE, person: 'tuti' });
    expect(await open(), 'said no, and once each').toEqual([['biaya kelas berapa', 2]]);
  });
});

describe('the offered choices', () => {
  it('are listed once as numbers below the text, or in the text if nothing follows it', async () => {
    const question = 'biaya kelas berapa';
    const numbered = { ...PUSH, buttons: false };
    const pushed = (await shop.say(question, { models, person: 'lala', capabilities: numbered })).turn.answer;
    const [label = '?'] = pushed.choices?.map((choice) => choice.label) ?? [];
    expect(pushed.bubbles.at(-1)?.buttons?.[0]?.[0]?.label).toBe(label);
    expect(
      JSON.stringify(pushed.bubbles.map((bubble) => ('text' in bubble ? bubble.text : ''))),
    ).not.toContain(label);
    const answered = (await shop.say(question, { models, person: 'mira' })).turn.answer;
    expect(JSON.stringify(answered.bubbles)).toContain(`1. ${label}`);
  });

  it('follow an honest no and the way to a person if hardly anything fits', async () => {
    const { answer } = (await shop.say('bisa pesan nasi kotak', { models, person: 'nia' })).turn;
    expect(answer.choices).toBeDefined();
    expect(answer.text).toMatch(/^Maaf, saya belum punya jawaban yang pasti/);
    expect(answer.text).toContain('/human');
    const likely = (await shop.say('biaya kelas berapa', { models, person: 'nia' })).turn.answer;
    expect(likely.text).toMatch(/^Saya belum yakin/);
  });
});

describe('those who asked what nobody could answer', () => {
  it('are told the answer with their own question, however differently they asked', async () => {
    const scope = await shop.scope();
    const english = await shop.say('do you have a branch in Malang?', { ...PEOPLE, person: 'john' });
    const indonesian = await shop.say('halo kak, ada cabang di malang?', { ...PEOPLE, person: 'wulan' });
    const { items } = await scope.unanswered.list({ limit: 50 });
    const about = items.filter(({ question }) => /malang/iu.test(question));
    expect(about.map(({ count }) => count)).toEqual([2]);
    await shop.services.unanswered.answer(scope, about[0]?.id ?? '', 'Belum ada, baru di Batu.');
    const newest = async ({ turn }: typeof english) =>
      (await scope.turns.recent(turn.conversationId, 1))[0]?.answer.text;
    expect(await newest(english)).toMatch(/“do you have a branch in Malang\?”\n\nBelum ada, baru di Batu\.$/);
    expect(await newest(indonesian)).toMatch(/“ada cabang di malang\?”\n\nBelum ada, baru di Batu\.$/);
  });
});
