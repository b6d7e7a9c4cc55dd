import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelError } from '../../src/contracts/model.js';
import { systemPrompt } from '../../src/conversation/steps/build-prompt.js';
import { finish, text, type ScriptedModel } from '../fakes/llm/scripted-model.js';
import {
  calling,
  cut,
  model,
  noModel,
  openBatikShop,
  outcome,
  partsOf,
  promptOf,
} from './support/batik-shop.js';
import { openConversation, PUSH, shownText } from './support/open-conversation.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
beforeAll(async () => {
  shop = await openBatikShop();
});
afterAll(() => shop.close());

/** Asks the question and returns the model, with the requests it got. */
async function probe(question: string): Promise<ScriptedModel> {
  const scriptedModel = model([text('Yes.'), finish]);
  await shop.say(question, { models: [scriptedModel] });
  return scriptedModel;
}

const unanswered = async () => (await (await shop.scope()).unanswered.list({ limit: 200 })).items;

describe('a question', () => {
  it('that matches an FAQ entry is answered in its exact words without calling a model', async () => {
    const { turn, heard } = await shop.say('hi there! do you accept QRIS', { models: noModel() });
    expect(turn.answer).toMatchObject({
      source: 'faq',
      model: 'faq',
      text: 'Yes, with *any* app!',
      citations: [],
    });
    expect(heard.filter(({ type }) => type === 'bubble')).toHaveLength(1);
  });

  it('reaches the model with numbered data and a system prompt written only by the business', async () => {
    const scriptedModel = model([text('Rp18.000 [1].'), finish]);
    await shop.say('How much is shipping to Surabaya?', { models: [scriptedModel] });
    const request = promptOf(scriptedModel);
    const { settings } = await shop.scope();
    expect(request.system).toBe(systemPrompt(settings, 'en'));
    const parts = partsOf(request);
    // Everything the business knows, in an order that does not depend on the question.
    expect(parts.slice(0, 3)).toMatchObject([
      { type: 'data', kind: 'faq', citation: 1, title: 'Do you accept QRIS?' },
      { type: 'data', kind: 'document', citation: 2, title: 'Caring for batik' },
      { type: 'data', kind: 'document', citation: 3, title: 'Shipping costs' },
    ]);
    expect(parts).toContainEqual(
      expect.objectContaining({ kind: 'contact', text: 'Name: siti (as the chat shows it)' }),
    );
    expect(parts).toContainEqual(expect.objectContaining({ kind: 'now' }));
    expect(parts.at(-1)).toEqual({ type: 'text', text: 'How much is shipping to Surabaya?' });
  });

  it('reaches the model with the closest FAQ entry, which it can cite', async () => {
    const scriptedModel = model([text('Yes, with any app [1].'), finish]);
    const { turn } = await shop.say('Would you accept a QRIS transfer from Singapore?', {
      models: [scriptedModel],
    });
    expect(partsOf(promptOf(scriptedModel))[0]).toEqual({
      isBest: true,
      type: 'data',
      kind: 'faq',
      citation: 1,
      title: 'Do you accept QRIS?',
      text: 'Yes, with *any* app!',
    });
    expect(turn.answer.source).toBe('knowledge');
    expect(turn.answer.citations).toMatchObject([{ n: 1, title: 'Do you accept QRIS?' }]);
  });

  it('sent as a burst of messages is one question', async () => {
    const scriptedModel = model([text('Yes.'), finish]);
    const { turn } = await shop.say(['halo kak', 'mau tanya ongkir', 'ke Bandung berapa?'], {
      models: [scriptedModel],
      person: 'burst',
    });
    expect(turn.input).toBe('halo kak\nmau tanya ongkir\nke Bandung berapa?');
    expect(turn.answer.locale).toBe('id');
    expect(scriptedModel.requests).toHaveLength(1);
  });

  it('is answered with citations from the best passage, and unknown source numbers are removed', async () => {
    const scriptedModel = model([
      text('Rp18.000 [3] '),
      text('per kilogram [7]. See [3, 9] and [0].'),
      finish,
    ]);
    const { turn, heard } = await shop.say('How much is shipping to Surabaya?', { models: [scriptedModel] });
    expect(turn.answer.text).toBe('Rp18.000 [1] per kilogram. See [1] and.');
    expect(turn.answer.source).toBe('knowledge');
    expect(turn.answer.citations[0]).toMatchObject({ n: 1, documentId: 'shipping', title: 'Shipping costs' });
    expect(turn.answer.citations[0]?.quote).toContain('Surabaya');
    expect(shownText(heard)).toBe(turn.answer.text);
  });

  it('gets sources numbered from 1 in order of use, the same in every output', async () => {
    const question = 'How much is shipping to Surabaya? And how do I wash hand-drawn batik?';
    const reply = 'Shade [2]. Rp18.000 [1, 2] and [1]';
    const parts = partsOf(promptOf(await probe(question)));
    const titles = parts.flatMap((part) => (part.type === 'data' && part.citation ? [part.title] : []));
    for (const pieces of [[reply], [...reply]]) {
      const scriptedModel = model([...pieces.map(text), finish]);
      const { turn, heard } = await shop.say(question, { models: [scriptedModel], capabilities: PUSH });
      expect(turn.answer.text).toBe('Shade [1]. Rp18.000 [1, 2] and [2]');
      expect(shownText(heard)).toBe(turn.answer.text);
      expect(turn.answer.citations.map(({ n, title }) => [n, title])).toEqual([
        [1, titles[1]],
        [2, titles[0]],
      ]);
      expect(heard.flatMap((event) => (event.type === 'citation' ? [event.citation] : []))).toEqual(
        turn.answer.citations,
      );
      const output = turn.answer.bubbles.map((bubble) => bubble.text).join('\n');
      expect(output).toContain(`[1] ${titles[1] ?? '?'}, [2] ${titles[0] ?? '?'}`);
    }
  });

  it('does not count the sources of an attempt that was cut off', async () => {
    const scriptedModel = model([text('Shade [2]. And '), cut], [text('Care [2] and Rp18.000 [3].'), finish]);
    const { turn } = await shop.say('How much is shipping to Surabaya? And how do I wash hand-drawn batik?', {
      models: [scriptedModel],
    });
    expect(turn.answer.text).toBe('Care [1] and Rp18.000 [2].');
    expect(turn.answer.citations.map(({ documentId }) => documentId)).toEqual(['care', 'shipping']);
  });

  it('gets its sources as text in bubbles that fit on a text-only channel', async () => {
    const long = 'Wash it by hand in cold water. '.repeat(400);
    const { turn } = await shop.say('How do I wash hand-drawn batik?', {
      models: [model([text(`${long}[2]`), finish])],
      capabilities: { ...PUSH, textLimit: 1000 },
    });
    const { bubbles } = turn.answer;
    expect(bubbles.every((bubble) => bubble.text.length <= 900)).toBe(true);
    expect(bubbles.at(-1)?.text).toMatch(/_Sources: \[1\] Caring for batik_$/);
    expect(bubbles.at(-1)?.buttons?.[0]).toHaveLength(2);
    expect(turn.answer.text).not.toContain('Sources');
  });

  it('without an answer gets an honest reply, and is recorded once with its language and time', async () => {
    const before = new Date();
    const { turn, heard } = await shop.say('Hi, do you sell helicopters?', {
      models: [model([text('Well, '), outcome('no_answer'), calling])],
      capabilities: PUSH,
    });
    expect(turn.answer).toMatchObject({ source: 'fallback', citations: [] });
    expect(turn.answer.bubbles[0]?.buttons?.[0]?.[0]?.action).toBe('/human');
    expect(shownText(heard)).toBe('');
    const [question, ...others] = (await unanswered()).filter((item) =>
      item.question.includes('helicopters'),
    );
    expect(others).toEqual([]);
    expect(question).toMatchObject({
      question: 'do you sell helicopters?',
      locale: 'en',
      count: 1,
      status: 'open',
    });
    expect(question?.lastAskedAt.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1);
  });

  it('gets an honest apology when every model fails', async () => {
    const failing = model([text('Half an ans'), new ModelError('overloaded', 'scripted', 'busy')]);
    const { turn, heard } = await shop.say('How much is shipping to Surabaya?', { models: [failing] });
    expect(turn.answer.source).toBe('fallback');
    expect(turn.answer.text).toMatch(/can't answer right now/);
    expect(shownText(heard)).toBe('');
  });
});

describe('a follow-up', () => {
  const passages = (scriptedModel: ScriptedModel): string => JSON.stringify(promptOf(scriptedModel).messages);
  const follow = async (person: string): Promise<string> => {
    const scriptedModel = model([text('Well.'), finish]);
    await shop.say('and to Bandung?', { models: [scriptedModel], person });
    return passages(scriptedModel);
  };

  it('is looked up together with the question before it', async () => {
    await shop.say('How should I wash hand-drawn batik?', {
      models: [model([text('Cold.'), finish])],
      person: 'ani',
    });
    const scriptedModel = model([text('In the shade.'), finish]);
    await shop.say('what about it later?', { models: [scriptedModel], person: 'ani' });
    expect(passages(scriptedModel)).toContain('Caring for batik');
  });

  it('never draws on what other people asked or on what was forgotten', async () => {
    const washing = 'How should I wash hand-drawn batik?';
    await shop.say(washing, { models: [model([text('Cold.'), finish])], person: 'budi' });
    expect(await follow('budi')).toContain(washing);
    expect(await follow('citra')).not.toContain(washing);
    await shop.say('/forget', { person: 'budi' });
    expect(await follow('budi')).not.toContain(washing);
  });

  it('goes to the model even if an FAQ entry comes close', async () => {
    const scope = await shop.scope();
    const entry = await shop.services.faq.add(scope, {
      question: 'What are your opening hours?',
      answer: 'Every day from 9 to 5, on Sunday from 10.',
      locale: 'en',
    });
    const hours = await shop.say('what are your opening hours?', { person: 'dewi', models: noModel() });
    expect(hours.turn.answer.source).toBe('faq');
    const sunday = model([text('From 10.'), finish]);
    await shop.say('and on Sunday?', { models: [sunday], person: 'dewi' });
    expect(passages(sunday)).toContain('on Sunday from 10');
    await shop.services.faq.remove(scope, entry.id);
  });
});

describe('small talk', () => {
  it.each([
    ['halo', 'id', /Toko Uji/],
    ['hi', 'en', /welcome to Toko Uji/],
    ['makasih ya', 'id', /Sama-sama/],
    ['ok, thanks!', 'en', /welcome/],
    ['bye', 'en', /whenever/],
  ])('is answered without a model reply: %s', async (message, locale, expected) => {
    const before = await unanswered();
    const silent = model([finish]);
    const { turn } = await shop.say(message, {
      models: [silent],
      person: `talk-${message}`,
      languageTag: locale,
    });
    expect(turn.answer).toMatchObject({ source: 'model', model: 'none', locale });
    expect(turn.answer.text).toMatch(expected);
    const parts = promptOf(silent).messages.at(-1);
    expect(JSON.stringify(parts)).not.toContain('"document"');
    expect(await unanswered()).toHaveLength(before.length);
  });

  it('is left to a model if it replies', async () => {
    const { turn } = await shop.say('thanks', { models: [model([text('Any time!'), finish])] });
    expect(turn.answer).toMatchObject({ text: 'Any time!', source: 'model', model: 'scripted:scripted' });
  });
});

describe('the bot', () => {
  it('is silent while a person answers, and returns afterwards', async () => {
    const person = 'handed-over';
    const { turn } = await shop.say('do you accept QRIS', { models: noModel(), person });
    const { conversations } = await shop.scope();
    await conversations.update(turn.conversationId, { mode: 'human' });
    const silent = await shop.say('do you accept QRIS', { models: noModel(), person });
    expect(silent.turn.answer).toMatchObject({ source: 'human', text: '', bubbles: [] });
    await conversations.update(turn.conversationId, { mode: 'bot' });
    expect((await shop.say('do you accept QRIS', { models: noModel(), person })).turn.answer.source).toBe(
      'faq',
    );
  });

  it('shows the model the earlier messages until the person asks to forget them', async () => {
    const person = 'forgetful';
    const scriptedModel = model([text('Noted.'), finish]);
    await shop.say('My secret word is lumbung, remember it?', { models: [scriptedModel], person });
    await shop.say('What is my secret word?', { models: [scriptedModel], person });
    expect(JSON.stringify(promptOf(scriptedModel, 1).messages)).toContain('lumbung');
    await shop.say('/forget', { models: noModel(), person });
    await shop.say('What is my secret word?', { models: [scriptedModel], person });
    expect(JSON.stringify(promptOf(scriptedModel, 2).messages)).not.toContain('lumbung');
  });

  it('refuses an empty or overlong message', async () => {
    expect((await shop.say('   ', { models: noModel() })).turn.answer.source).toBe('fallback');
    expect((await shop.say('a'.repeat(8_001), { models: noModel() })).turn.answer.text).toMatch(/8,000/);
  });

  it('answers from documents only if the business asks for that', async () => {
    const strict = await openConversation({ knowledge: { only_documents: true, top_k: 5 } });
    try {
      const { turn } = await strict.say('Who won the cup?', { models: noModel() });
      expect(turn.answer.source).toBe('fallback');
      expect((await strict.say('hello', { models: noModel() })).turn.answer.model).toBe('none');
    } finally {
      await strict.close();
    }
  });
});
