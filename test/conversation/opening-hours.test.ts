import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WEEKDAYS } from '../../src/contracts/settings.js';
import { selectQuote } from '../../src/knowledge/index.js';
import { createExtractiveModel } from '../../src/llm/extractive/index.js';
import { noModel, model } from './support/batik-shop.js';
import { openConversation } from './support/open-conversation.js';
import { finish, text } from '../fakes/llm/scripted-model.js';

/** Only quotes the business's own words. */
const quoting = [createExtractiveModel({ select: selectQuote, lead: () => '' })];
const ALWAYS = WEEKDAYS.map((day) => [day, [{ open: '00:00', close: '23:59' }]] as const);

describe('a business with opening hours', () => {
  let shop: Awaited<ReturnType<typeof openConversation>>;
  beforeAll(async () => {
    const business_hours = { days: Object.fromEntries(ALWAYS) };
    shop = await openConversation({ locale: 'en', business_hours });
  });
  afterAll(() => shop.close());

  it.each([
    ['are you open today?', 'en', 'open 00:00–24:00'],
    ['Hi! what time do you close on Sunday', 'en', 'Sunday: open 00:00–24:00'],
    ['store hours', 'en', 'Our hours: Monday–Sunday'],
    ['masih buka kak?', 'id', 'Jam buka kami: Senin–Minggu'],
    ['tokonya tutup jam brp hari minggu?', 'id', 'Minggu: buka 00:00–24:00'],
  ])('answers %j from them without calling a model', async (question, locale, expected) => {
    const { turn } = await shop.say(question, { models: noModel() });
    expect(turn.answer).toMatchObject({ source: 'tool', locale, citations: [] });
    expect(turn.answer.text).toContain(expected);
  });

  it.each([
    'can I open the package before I pay?',
    'Are you open on Christmas?',
    'buka cabang di mana saja?',
    'kalian buka cabang di Malang ga kak',
    'kami mau liburan akhir tahun',
  ])('leaves %j to the model because it asks about something else', async (question) => {
    const scriptedModel = model([text('A moment.'), finish]);
    await shop.say(question, { models: [scriptedModel], person: question });
    expect(scriptedModel.requests).toHaveLength(1);
  });
});

describe('a question about opening hours with extra words or inside a story', () => {
  let shop: Awaited<ReturnType<typeof openConversation>>;
  beforeAll(async () => {
    const business_hours = { days: Object.fromEntries(ALWAYS) };
    shop = await openConversation({ locale: 'en', business_hours });
  });
  afterAll(() => shop.close());

  it.each([
    ['when does the gym close on saturdays', 'en', 'Saturday: open 00:00–24:00'],
    ['r u guys open on friday', 'en', 'Friday: open 00:00–24:00'],
    ['besok masih buka kan kak', 'id', 'Besok'],
    ['jumat jam 4 masih keburu ga', 'id', 'Jumat pukul 16:00 kami buka'],
    ['are you guys around on sunday', 'en', 'Sunday: open 00:00–24:00'],
    ['which days of the week are you open?', 'en', 'Our hours: Monday–Sunday'],
    [
      'Selamat siang, saya ingin menanyakan apakah hari Sabtu tetap melayani pelanggan? Terima kasih sebelumnya.',
      'id',
      'Sabtu: buka 00:00–24:00',
    ],
    [
      'kak mau tanya, hari sabtu tutupnya jam berapa ya, soalnya saya baru pulang kerja jam 5',
      'id',
      'Sabtu: buka 00:00–24:00',
    ],
    [
      'Hi, I was wondering whether you are open on Sunday, because I only get off work then. Thanks!',
      'en',
      'Sunday: open 00:00–24:00',
    ],
  ])('is answered from the hours: %j', async (question, locale, said) => {
    const { turn } = await shop.say(question, { models: noModel() });
    expect(turn.answer).toMatchObject({ source: 'tool', locale, citations: [] });
    expect(turn.answer.text).toContain(said);
  });

  it.each(['kelas yoga jam berapa', 'jam berapa paling sepi'])(
    'is not answered from the hours if it asks when something else happens: %j',
    async (question) => {
      const { turn } = await shop.say(question, { models: noModel() });
      expect(turn.answer.source).toBe('fallback');
    },
  );
});

describe('a business whose name contains its trade', () => {
  it.each([
    ['kliniknya masih buka?', 'id', 'Jam buka kami: Senin–Minggu'],
    ['is the clinic still open?', 'en', 'Our hours: Monday–Sunday'],
  ])('recognises the question about its hours in %j', async (question, locale, said) => {
    const business_hours = { days: Object.fromEntries(ALWAYS) };
    const shop = await openConversation({ locale: 'en', business_hours, name: 'Klinik Sehat' });
    const { turn } = await shop.say(question, { models: noModel() });
    expect(turn.answer).toMatchObject({ source: 'tool', locale });
    expect(turn.answer.text).toContain(said);
    await shop.close();
  });
});

describe('a business without opening hours', () => {
  it('leaves the question to the model', async () => {
    const shop = await openConversation({ locale: 'en' });
    const scriptedModel = model([text('A moment.'), finish]);
    await shop.say('are you open today?', { models: [scriptedModel] });
    expect(scriptedModel.requests).toHaveLength(1);
    await shop.close();
  });
});

describe('a business that is closed on Sundays and Christmas', () => {
  let shop: Awaited<ReturnType<typeof openConversation>>;
  beforeAll(async () => {
    const business_hours = {
      days: Object.fromEntries(ALWAYS.filter(([day]) => day !== 'sun')),
      holidays: [{ date: '2099-12-25', name: 'Natal' }],
    };
    shop = await openConversation({ locale: 'id', business_hours });
  });
  afterAll(() => shop.close());

  it.each([
    ['minggu masak ga bu', 'Minggu: tutup'],
    ['hari mingu anak2 masuk ga?', 'Minggu: tutup'],
    ['natal bisa antar galon?', 'tutup (Natal)'],
    ['is anyone there on friday', 'Friday: open'],
    ['malam minggu buka sampai jam berapa?', 'Sabtu: buka'],
  ])('says so to %j', async (question, said) => {
    const { turn } = await shop.say(question, { models: quoting });
    expect(turn.answer.source).toBe('tool');
    expect(turn.answer.text).toContain(said);
  });

  it.each([
    'pesanan minggu belum sampai',
    'saya mau tanya pesanan yang hari minggu kemarin itu bisa ditukar atau tidak ya',
  ])('does not say so to %j', async (question) => {
    const { turn } = await shop.say(question, { models: quoting });
    expect(turn.answer.source).not.toBe('tool');
  });
});

describe('a follow-up to an answer about opening hours', () => {
  let shop: Awaited<ReturnType<typeof openConversation>>;
  beforeAll(async () => {
    const business_hours = {
      days: {
        ...Object.fromEntries(ALWAYS.filter(([day]) => day !== 'sun')),
        sat: [{ open: '09:15', close: '16:45' }],
      },
      holidays: [{ date: '2099-12-25', name: 'Natal / Christmas' }],
    };
    shop = await openConversation({ locale: 'en', business_hours });
  });
  afterAll(() => shop.close());

  it.each([
    ['are you open on friday?', 'and on sundays?', 'Sunday: closed'],
    ['hari jumat buka?', 'kalau minggu?', 'Minggu: tutup'],
    ['buka hari sabtu?', 'sampai jam berapa?', 'Sabtu: buka 09:15–16:45'],
    ['are you open on saturday', 'until when?', 'Saturday: open 09:15–16:45'],
    ['are you open on christmas?', 'and the day after?', 'December 26'],
  ])('%j, %j is about the day it names, or the day before', async (question, next, said) => {
    const person = next;
    await shop.say(question, { models: quoting, person });
    const { turn } = await shop.say(next, { models: quoting, person });
    expect(turn.answer.source).toBe('tool');
    expect(turn.answer.text).toContain(said);
  });

  it('is not taken for one if it asks about something else', async () => {
    await shop.say('are you open on friday?', { models: quoting, person: 'eko' });
    const { turn } = await shop.say('and delivery on mondays?', { models: quoting, person: 'eko' });
    expect(turn.answer.source).not.toBe('tool');
  });
});
