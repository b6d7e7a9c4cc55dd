import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writtenDates } from '../../src/conversation/grounding/written-dates.js';
import { writtenNumbers } from '../../src/conversation/grounding/written-numbers.js';
import { finish, text } from '../fakes/llm/scripted-model.js';
import { calling, model, openBatikShop, outcome, promptOf } from './support/batik-shop.js';
import { shownText } from './support/open-conversation.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
let strict: typeof shop;
beforeAll(async () => {
  shop = await openBatikShop();
  strict = await openBatikShop({ knowledge: { only_documents: true, top_k: 5 } });
});
afterAll(() => Promise.all([shop.close(), strict.close()]));

const QUESTION = 'How much is shipping to Surabaya?';
const says = (value: string) => [text(value), finish];

describe('an answer restricted to documents', () => {
  it('is sent when a source supports it, and shown only after it was checked', async () => {
    const { turn, heard } = await strict.say(QUESTION, {
      models: [model(says('Shipping to Surabaya is Rp 18,000 per kilogram [3].'))],
    });
    expect(turn.answer.source).toBe('knowledge');
    expect(shownText(heard)).toBe(turn.answer.text);
    expect(heard.filter(({ type }) => type === 'delta')).toHaveLength(1);
  });

  it.each([
    ['without a source', 'Shipping to Surabaya costs Rp18.000.'],
    ['with a source that does not support it', 'Our helicopters fly tourists over mountains [3].'],
    ['with another price', 'Shipping to Surabaya costs Rp19.000 per kilogram [3].'],
    ['with another price in words', 'Shipping to Surabaya costs nineteen thousand rupiah per kilogram [3].'],
    ['with another number of days', 'Shipping to Surabaya costs Rp18.000 and takes 3 days [3].'],
    ['with a source that does not exist', 'Shipping to Surabaya costs Rp18.000 per kilogram [9].'],
  ])('is corrected once, then refused if it is still %s', async (_name, wrong) => {
    const stubborn = model(says(wrong));
    const refused = await strict.say(QUESTION, { models: [stubborn], person: `strict-${wrong.length}` });
    expect(refused.turn.answer.source).toBe('fallback');
    expect(shownText(refused.heard)).toBe('');
    expect(refused.heard.filter(({ type }) => type === 'delta')).toEqual([]);
    expect(stubborn.requests).toHaveLength(2);
    expect(refused.turn.answer.usage).toMatchObject({ inputTokens: 2, outputTokens: 2 });

    const mending = model(says(wrong), says('It costs Rp18.000 per kilogram [3].'));
    const { turn } = await strict.say(QUESTION, { models: [mending] });
    expect(turn.answer.text).toBe('It costs Rp18.000 per kilogram [1].');
    expect(
      promptOf(mending, 1)
        .messages.slice(-2)
        .map(({ role }) => role),
    ).toEqual(['assistant', 'user']);
  });
});

describe('an answer with a source', () => {
  it('is retracted and corrected if it names a price that appears nowhere', async () => {
    const mending = model(says('It costs Rp16.000 [3].'), says('It costs Rp18.000 [3].'));
    const { turn, heard } = await shop.say(QUESTION, { models: [mending] });
    expect(turn.answer.text).toBe('It costs Rp18.000 [1].');
    expect(shownText(heard)).toBe(turn.answer.text);
    expect(heard).toContainEqual({ type: 'status', state: 'restart', reason: 'correction' });
  });

  it.each([
    ['a total of known amounts', '3 kilograms to Surabaya cost Rp54.000 [3].'],
    ['a known amount written differently', 'That is 18 thousand rupiah, or 18rb [3].'],
    ['a number the person named', 'Your order 48213 ships for Rp18.000 [3].'],
  ])('may contain %s', async (_name, answer) => {
    const scriptedModel = model(says(answer));
    const { turn } = await shop.say('How much is shipping 3 kg to Surabaya, order 48213?', {
      models: [scriptedModel],
    });
    expect(turn.answer.text).toBe(answer.replace('[3]', '[1]'));
    expect(scriptedModel.requests).toHaveLength(1);
  });
});

describe('an answer that mixes up its facts', () => {
  it.each([
    ['a price from another block than it cites', 'Washing costs Rp18.000 [2].'],
    ['a price that sums uncited prices', 'It costs Rp40.000 [2].'],
    ['an unknown date', 'We ship again on 17 August [3].'],
    ['a price without any source', 'That is Rp77.000 in all.'],
  ])('is retracted for %s, and refused if the model insists', async (_name, wrong) => {
    const stubborn = model(says(wrong));
    const { turn, heard } = await shop.say('How much is washing and shipping, and when?', {
      models: [stubborn],
      person: `new-${wrong.length}`,
    });
    expect(turn.answer.source).toBe('fallback');
    expect(shownText(heard)).toBe('');
    expect(stubborn.requests).toHaveLength(2);
    expect(JSON.stringify(promptOf(stubborn, 1).messages.at(-1))).toMatch(/Rp\d\d\.000|17 August/);
  });

  it('may name a day close to today, or one that the person named', async () => {
    const tomorrow = new Intl.DateTimeFormat('en-GB', {
      day: 'numeric',
      month: 'long',
      timeZone: 'Asia/Jakarta',
    }).format(new Date(Date.now() + 86_400_000));
    for (const reply of [`It leaves tomorrow, ${tomorrow} [3].`, 'On 17 August as on other days [3].']) {
      const scriptedModel = model(says(reply));
      const { turn } = await shop.say('Do you ship tomorrow, and on August 17th?', {
        models: [scriptedModel],
      });
      expect(turn.answer.text).toBe(reply.replace('[3]', '[1]'));
    }
  });
});

describe('written dates', () => {
  it.each([
    ['25 Desember', ['12-25']],
    ['December 25th, 2026', ['12-25']],
    ['2026-12-25', ['12-25']],
    ['25/12/2026', ['12-25']],
    ['24-26 Des', ['12-26', '12-24', '12-25']],
    ['1, 2 dan 3 Mei', ['05-03', '05-01', '05-02']],
    ['open from 10.00, Rp25.000, 12 items', []],
    ['may 3 people come', ['05-03']],
  ])('%s', (input, days) => {
    expect(writtenDates(input).map(({ day }) => day)).toEqual(days);
  });
});

describe('a model without an answer', () => {
  it('asks back and offers the choices it sees', async () => {
    const asking = model([
      outcome('ask_back', { question: 'Which city?', choices: ['Surabaya', 'Bandung', 'https://evil.com'] }),
      calling,
    ]);
    const { turn } = await shop.say('How much is shipping?', { models: [asking] });
    expect(turn.answer.text).toBe('Which city?\n- Surabaya\n- Bandung\n- [link removed]');
    expect(turn.answer.source).toBe('model');
  });

  it('hands over to a person', async () => {
    const { turn } = await shop.say('This is a scandal, my parcel is broken!', {
      models: [model([outcome('hand_over'), calling])],
      person: 'angry',
    });
    expect(turn.answer.source).toBe('command');
    const conversation = await (await shop.scope()).conversations.get(turn.conversationId);
    expect(conversation?.mode).toBe('human');
  });
});

describe('an answer that hits the token limit', () => {
  it.each([
    ['ends with its last whole sentence', 'Use cold water [1]. Dry it in the sha', 'Use cold water [1].'],
    [
      'keeps its numbers whole',
      'It is Rp18.000 per kilogram. Then 2.',
      'It is Rp18.000 per kilogram. Then 2.',
    ],
  ])('%s and says so', async (_name, cutOff, expected) => {
    const { turn, heard } = await shop.say('How do I wash hand-drawn batik?', {
      models: [model([text(cutOff), { ...finish, reason: 'length' }])],
    });
    expect(turn.answer.text).toBe(
      `${expected}\n\n_My answer got too long, so it ends here. Ask me to go on if you need the rest._`,
    );
    expect(shownText(heard)).toBe(turn.answer.text);
  });
});

describe('written numbers', () => {
  const valuesOf = (input: string) => writtenNumbers(input).flatMap(({ values }) => values);

  it.each([
    ['Rp18.000', 18_000],
    ['18,000', 18_000],
    ['18 ribu', 18_000],
    ['85rb', 85_000],
    ['1,25 juta', 1_250_000],
    ['1.250.000', 1_250_000],
    ['$1,299.50', 1299.5],
    ['2.5 kg', 2.5],
    ['5 pm', 17],
    ['09.00', 9],
    ['2026-11-28', 2026],
    ['28/11/2026', 28],
    ['12,5%', 12.5],
  ])('%s means %d', (input, value) => {
    expect(valuesOf(input)).toContain(value);
  });

  it.each([
    ['Harganya sembilan puluh delapan ribu lima ratus rupiah.', [98_500]],
    ['ninety-eight thousand five hundred rupiah', [98_500]],
    ['satu juta dua ratus ribu', [1_200_000]],
    ['two hundred and fifty dollars, five percent off', [250, 5]],
    ['dua belas atau dua puluh satu orang', [12, 21]],
    ['one of us, two or three days, dua tiga hari, beberapa ratus ribu', []],
    ['98 ribu', [98_000]],
  ])('are read in words, too: %s', (written, values) => {
    expect(valuesOf(written)).toEqual(values);
  });

  it('are the same phone number with and without separators', () => {
    expect(valuesOf('0812-3456-7890')).toEqual(valuesOf('+62 812 3456 7890'));
    expect(valuesOf('081234567890')).toEqual(valuesOf('0812-3456-7890'));
  });

  it('do not include the markers of lists and sources', () => {
    expect(valuesOf('1. Wash [2]\n2) Dry [1, 3]')).toEqual([]);
  });
});
