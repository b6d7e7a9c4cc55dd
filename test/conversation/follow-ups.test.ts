import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectQuote } from '../../src/knowledge/index.js';
import { createExtractiveModel } from '../../src/llm/extractive/index.js';
import { openConversation, PUSH } from './support/open-conversation.js';

/** A model that only answers in the business's own words. */
const models = [createExtractiveModel({ select: selectQuote, lead: () => '' })];
const ASKING = { capabilities: PUSH, models };

let shop: Awaited<ReturnType<typeof openConversation>>;
beforeAll(async () => {
  shop = await openConversation({ locale: 'en' });
  const scope = await shop.scope();
  for (const [question, answer] of [
    ['Do you ship?', 'Yes, to all of Java. The fee is Rp20.000 a parcel.'],
    ['Do you take returns?', 'Within seven days, unworn.'],
  ] as const) {
    await shop.faq.add(scope, { question, answer, locale: 'en' });
  }
  await shop.services.knowledge.upsert(scope, {
    id: 'care',
    title: 'Care of batik',
    text: '# Care of batik\n\n## Washing\n\nWash by hand in cold water.\n\n## Ironing\n\nIron it inside out at low heat.',
  });
  await shop.services.knowledge.upsert(scope, {
    id: 'prices',
    title: 'Price list',
    text: '| Name | Price | Size |\n|---|---|---|\n| Gayo coffee beans | Rp 110.000 | 250 g |\n| Temanggung coffee beans | Rp 95.000 | 200 g |\n| Silk scarf | Rp 420.000 | 2 m |',
  });
}, 60_000);
afterAll(() => shop.close());

const unanswered = async () => (await (await shop.scope()).unanswered.list({ limit: 200 })).items;

describe('a follow-up that asks for more than the business has said', () => {
  it('is told what is known as being all, with the way to a person, and is kept for staff', async () => {
    await shop.say('do you ship?', { ...ASKING, person: 'ana' });
    const { answer } = (await shop.say('to Singapore too?', { ...ASKING, person: 'ana' })).turn;
    expect(answer.source).toBe('fallback');
    expect(answer.text).toMatch(/^I don't have anything more specific than this:/);
    expect(answer.text).toContain('Yes, to all of Java.');
    expect(answer.bubbles.at(-1)?.buttons?.[0]?.[0]?.action).toBe('/human');
    expect((await unanswered()).map(({ question }) => question)).toContain('to Singapore too?');
  });

  it('may itself be followed up', async () => {
    const { answer } = (await shop.say('and the fee?', { ...ASKING, person: 'ana' })).turn;
    expect(answer).toMatchObject({ source: 'faq', text: expect.stringContaining('Rp20.000') as string });
  });

  it('cites nothing, like every refusal', async () => {
    for (const text of ['how do I wash batik?', '1']) await shop.say(text, { ...ASKING, person: 'edo' });
    const { answer } = (await shop.say('with bleach?', { ...ASKING, person: 'edo' })).turn;
    expect(answer).toMatchObject({ source: 'fallback', citations: [] });
    expect(answer.text).toContain('cold water.');
    expect(answer.text).not.toContain('[1]');
  });
});

describe('a follow-up to several rows of a table', () => {
  it.each(['how much is it?', 'which one is cheaper?', 'what sizes?'])(
    'is about all of them: %s',
    async (text) => {
      const person = `two rows, ${text}`;
      const { answer } = (await shop.say('do you have coffee beans?', { ...ASKING, person })).turn;
      expect(answer.text).toContain('Gayo');
      expect(answer.text).toContain('Temanggung');
      const followed = (await shop.say(text, { ...ASKING, person })).turn.answer;
      expect(followed).toMatchObject({ source: 'knowledge' });
      const asked = text.includes('size') ? ['250 g', '200 g'] : ['110.000', '95.000'];
      for (const value of ['Gayo', 'Temanggung', ...asked]) expect(followed.text).toContain(value);
      expect(followed.text).not.toContain('scarf');
    },
  );

  it('is about the one that it names', async () => {
    await shop.say('do you have coffee beans?', { ...ASKING, person: 'one row' });
    const { answer } = (await shop.say('and the Temanggung?', { ...ASKING, person: 'one row' })).turn;
    expect(answer.text).toContain('Temanggung');
    expect(answer.text).not.toContain('Gayo');
  });
});
