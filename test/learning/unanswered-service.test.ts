import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutreach } from '../../src/delivery/index.js';
import { createAnswerFinder, createFaqService, createMessageReader } from '../../src/knowledge/index.js';
import { createUnansweredService } from '../../src/learning/create-unanswered-service.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import type { UnansweredService } from '../../src/contracts/knowledge.js';
import { createI18n } from '../../src/i18n/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { silentLogger } from '../fakes/silent-logger.js';

let store: TestStore;
let scope: TenantScope;
let unanswered: UnansweredService;
/** The drafts that were requested, and whether there is a model to write them. */
const draftsWanted: string[] = [];
let hasWriter = false;
const finder = createAnswerFinder({ clock: systemClock, logger: silentLogger });
const faq = createFaqService({ clock: systemClock, makeId, finder });

beforeAll(async () => {
  store = await openTestStore();
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Toko' }));
  const tenantScope = await store.service.scope('shop');
  if (tenantScope === undefined) throw new Error('the tenant has no scope');
  scope = tenantScope;
  const { lanes } = store.service;
  const outreach = createOutreach({
    lanes,
    findAccount: () => undefined,
    wake: () => undefined,
    clock: systemClock,
  });
  unanswered = createUnansweredService({
    faq,
    finder,
    reader: createMessageReader(),
    outreach,
    queue: {
      enqueue: (_job, _tenantId, data) => Promise.resolve(`job ${draftsWanted.push(JSON.stringify(data))}`),
    },
    hasWriter: () => hasWriter,
    clock: systemClock,
    i18n: createI18n({ folder: join(projectRoot, 'locales') }),
  });
});
afterAll(() => store.close());

async function conversation(name: string): Promise<string> {
  const at = systemClock.now();
  const contact = await scope.contacts.ensure({ channel: 'telegram', accountId: 'bot', userId: name, at });
  const { id } = await scope.conversations.ensure({
    id: makeId('c'),
    accountId: 'bot',
    channel: 'telegram',
    contactId: contact.id,
    chat: { chatId: name, kind: 'direct' },
    title: name,
    at,
  });
  return id;
}

async function asked(text: string, conversations: readonly string[]): Promise<string> {
  for (const conversationId of conversations) {
    await scope.unanswered.record({ text, locale: 'en', conversationId, at: systemClock.now() });
  }
  const { items } = await scope.unanswered.list({ limit: 200 });
  const item = items.find(({ question }) => question === text);
  if (item === undefined) throw new Error(`${text} was not kept`);
  return item.id;
}

const textsOf = async (conversationId: string): Promise<readonly string[]> =>
  (await scope.turns.recent(conversationId, 10)).map(({ answer }) => answer.text);

describe('answering an open question', () => {
  it('turns it into an FAQ entry and tells everyone who asked, once', async () => {
    const people = [await conversation('ana'), await conversation('budi')];
    const id = await asked('Do you repair umbrellas?', [...people, ...people]);
    const first = await unanswered.answer(scope, id, 'Yes, within a week.');
    expect(first).toMatchObject({
      notified: 2,
      entry: { question: 'Do you repair umbrellas?', locale: 'en' },
    });
    const match = await faq.match(scope, 'do you repair umbrellas', 'en');
    expect(match.best?.entry.answer).toBe('Yes, within a week.');
    const expected = ['You asked: “Do you repair umbrellas?”\n\nYes, within a week.'];
    for (const person of people) expect(await textsOf(person)).toEqual(expected);
    expect(await scope.unanswered.get(id)).toMatchObject({ status: 'answered' });
    expect(await unanswered.answer(scope, id, 'Yes, within a week.')).toEqual(first);
    for (const person of people) expect(await textsOf(person)).toEqual(expected);
    expect(await scope.faq.all()).toHaveLength(1);
  });

  it('accepts a question longer than an FAQ question may be', async () => {
    const person = await conversation('gita');
    const question = `Do you deliver ${'a very big sofa and '.repeat(40)}a lamp?`;
    const id = await asked(question, [person]);
    const first = await unanswered.answer(scope, id, 'Only lamps.');
    expect(first).toMatchObject({ notified: 1 });
    expect(await unanswered.answer(scope, id, 'Only lamps.')).toEqual(first);
    expect((await textsOf(person)).join('')).toMatch(
      /^You asked: “Do you deliver .{100,190}…”\n\nOnly lamps\.$/,
    );
  });

  it('keeps the first answer if a colleague gives another one', async () => {
    const person = await conversation('eka');
    const id = await asked('Do you wrap presents?', [person]);
    const first = await unanswered.answer(scope, id, 'Yes, for free.');
    expect(first).toMatchObject({ notified: 1 });
    expect(await unanswered.answer(scope, id, 'No.')).toBe('answered-before');
    expect(await textsOf(person)).toHaveLength(1);
    expect((await faq.match(scope, 'Do you wrap presents?', 'en')).best?.entry.answer).toBe('Yes, for free.');
  });

  it('tells people again if their question returned after its answer was deleted', async () => {
    const person = await conversation('fajar');
    const id = await asked('Do you lend chairs?', [person]);
    const first = await unanswered.answer(scope, id, 'Yes.');
    if (typeof first !== 'object') throw new Error('the question was not answered');
    await faq.remove(scope, first.entry.id);
    expect(await asked('Do you lend chairs?', [person])).toBe(id);
    expect(await unanswered.answer(scope, id, 'Not any more.')).toMatchObject({ notified: 1 });
    expect(await textsOf(person)).toHaveLength(2);
  });

  it('continues if one of the people who asked is gone', async () => {
    const person = await conversation('citra');
    const id = await asked('Do you sell hats?', ['c_gone', person]);
    expect(await unanswered.answer(scope, id, 'No.')).toMatchObject({ notified: 1 });
    expect(await textsOf(person)).toEqual(['You asked: “Do you sell hats?”\n\nNo.']);
  });

  it('does nothing for an unknown question, and dismisses silently', async () => {
    expect(await unanswered.answer(scope, 'none', 'x')).toBeUndefined();
    expect(await unanswered.dismiss(scope, 'none')).toBe(false);
    const person = await conversation('dewi');
    const id = await asked('Who are you?', [person]);
    expect(await unanswered.dismiss(scope, id)).toBe(true);
    expect(await textsOf(person)).toEqual([]);
  });
});

describe('a draft answer', () => {
  const record = (text: string) =>
    unanswered.record(scope, { text, locale: 'en', conversationId: 'c-draft', contactId: 'drafting' });

  it('is requested once if a model can write it', async () => {
    draftsWanted.length = 0;
    await record('Do you engrave spoons?');
    expect(draftsWanted).toEqual([]);
    hasWriter = true;
    const id = (await record('Do you engrave spoons?')) ?? '';
    expect(draftsWanted).toEqual([JSON.stringify({ questionId: id })]);
    await scope.unanswered.setDraft(id, { text: 'Yes.', source: 'model' });
    await record('do you engrave spoons');
    expect(draftsWanted).toHaveLength(1);
    hasWriter = false;
    await unanswered.dismiss(scope, id);
  });
});

describe('unanswered questions', () => {
  async function asks(text: string, name: string, locale: 'en' | 'id' = 'en'): Promise<string | undefined> {
    const conversationId = await conversation(name);
    const contactId = (await scope.conversations.get(conversationId))?.contactId ?? '';
    await scope.conversations.update(conversationId, { locale });
    return unanswered.record(scope, { text, locale, conversationId, contactId });
  }

  it('are merged if they ask the same, count each person once, and exclude noise', async () => {
    const id = await asks('Is there a warranty on kebayas?', 'w1');
    expect(await asks('kebayanya ada garansi ga kak?', 'w2', 'id')).toBe(id);
    expect(await asks('is there a warranty on kebayas', 'w1')).toBe(id);
    expect(await asks('Can I rent a tuxedo?', 'w1')).not.toBe(id);
    expect(await scope.unanswered.get(id ?? '')).toMatchObject({
      count: 2,
      wordings: ['Is there a warranty on kebayas?', 'kebayanya ada garansi ga kak?'],
    });
    for (const noise of [
      '???',
      '0812 3456 7890',
      '👍',
      'aaa',
      'thank you so much',
      'makasih ya kak',
      '@sapa_bot',
    ]) {
      expect([noise, await asks(noise, 'w1')]).toEqual([noise, undefined]);
    }
  });

  it('come with similar entries and a draft, and are answered to each person in their language', async () => {
    await faq.add(scope, { question: 'Do you sell gift cards?', answer: 'Yes, from 100.000.', locale: 'en' });
    const id = (await asks('Do you sell gift vouchers for spa days?', 'v1')) ?? '';
    expect(await asks('jual voucher hadiah spa?', 'v2', 'id')).toBe(id);
    const question = await scope.unanswered.get(id);
    if (question === undefined) throw new Error('the question is gone');
    const { nearest, draft } = await unanswered.suggest(scope, question);
    expect(nearest.map(({ title }) => title)).toContain('Do you sell gift cards?');
    expect(draft).toMatchObject({ source: 'passage' });
    await scope.unanswered.setDraft(id, { text: 'Yes, for 250.000.', source: 'model' });
    const drafted = await scope.unanswered.get(id);
    expect(drafted && (await unanswered.suggest(scope, drafted)).draft).toEqual({
      text: 'Yes, for 250.000.',
      source: 'model',
    });

    const answered = await unanswered.answer(scope, id, 'Yes, for 250.000.');
    expect(answered).toMatchObject({ notified: 2, entry: { phrasings: ['jual voucher hadiah spa?'] } });
    await unanswered.answer(scope, id, 'Yes, for 250.000.');
    const texts = await Promise.all(['v1', 'v2'].map(async (name) => textsOf(await conversationOf(name))));
    expect(texts).toEqual([
      [expect.stringMatching(/^You asked/)],
      [expect.stringMatching(/^Anda pernah bertanya/)],
    ]);
    expect((await faq.match(scope, 'jual voucher hadiah spa', 'id')).best).toMatchObject({ exact: true });
  });
});

/** The person's newest conversation. */
async function conversationOf(name: string): Promise<string> {
  const { items } = await scope.conversations.list({ limit: 200 });
  const match = items.find(({ title }) => title === name);
  if (match === undefined) throw new Error(`${name} never wrote`);
  return match.id;
}
