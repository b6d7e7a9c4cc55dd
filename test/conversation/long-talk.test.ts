import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataPart, ModelRequest } from '../../src/contracts/model.js';
import { finish, text, type ScriptedModel } from '../fakes/llm/scripted-model.js';
import { calling, model, openBatikShop, outcome, partsOf, promptOf } from './support/batik-shop.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
beforeAll(async () => {
  shop = await openBatikShop({ models: { helper: ['helper'] } });
});
afterAll(() => shop.close());

const answers = (): ScriptedModel => model([text('Well.'), finish]);
const writes = (reply: string): ScriptedModel => model([text(reply), finish]);

/** Says the numbered lines; returns the last request. */
async function talk(person: string, from: number, to: number, helper: ScriptedModel): Promise<ModelRequest> {
  const scripted = answers();
  for (let n = from; n <= to; n += 1) {
    await shop.say(`I would like to tell you about cloth number${n}, please listen.`, {
      person,
      models: [scripted],
      helpers: [helper],
    });
  }
  return promptOf(scripted, scripted.requests.length - 1);
}

const summariesIn = (request: ModelRequest): readonly DataPart[] =>
  partsOf(request).filter((part): part is DataPart => part.type === 'data' && part.kind === 'summary');

async function summaryOf(person: string) {
  const scope = await shop.scope();
  const { conversation } = await shop.person(person);
  const { items } = await scope.conversations.list({ limit: 50 });
  return items.find(({ title, summary }) => title === conversation.title && summary !== undefined)?.summary;
}

describe('a long conversation', () => {
  it('is summarised apart from its newest turns, with few calls to the helper model', async () => {
    const helper = writes('They spoke of many cloths.');
    await talk('ana', 1, 10, helper);
    await expect.poll(() => summaryOf('ana')).toMatchObject({ text: 'They spoke of many cloths.' });
    expect(helper.requests).toHaveLength(1);
    expect(JSON.stringify(promptOf(helper))).toContain(
      'Person: I would like to tell you about cloth number1,',
    );
    expect(helper.requests[0]?.tools).toBeUndefined();

    const request = await talk('ana', 11, 11, helper);
    expect(summariesIn(request)).toMatchObject([{ text: 'They spoke of many cloths.' }]);
    const prompt = JSON.stringify(request);
    expect(prompt).not.toMatch(/number[1-4],/);
    expect(prompt).toMatch(/number9,/);
    expect(helper.requests).toHaveLength(1);

    const next = writes('Even more cloths.');
    await talk('ana', 12, 18, next);
    await expect.poll(() => summaryOf('ana')).toMatchObject({ text: 'Even more cloths.' });
    expect(JSON.stringify(promptOf(next))).toContain('They spoke of many cloths.');

    const day = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
    const period = { from: day, to: day, groupBy: 'purpose' } as const;
    const purposes = await shop.services.usage.report(await shop.scope(), period);
    expect(purposes.map(({ key }) => key)).toContain('summary');
  });

  it('is forgotten together with its summary, which nobody else ever sees', async () => {
    const helper = writes('A secret of Bea.');
    await talk('bea', 1, 10, helper);
    await expect.poll(() => summaryOf('bea')).toBeDefined();
    expect(JSON.stringify(await talk('cleo', 1, 1, helper))).not.toContain('secret of Bea');
    await shop.say('/forget', { person: 'bea' });
    expect(await summaryOf('bea')).toBeUndefined();
    expect(JSON.stringify(await talk('bea', 11, 11, helper))).not.toMatch(/secret of Bea|number10,/);
  });

  it('continues without a summary if the helper model does not answer or fails', async () => {
    for (const [person, helper] of [
      ['dora', model(['hang'])],
      ['eva', model([outcome('no_answer'), calling])],
    ] as const) {
      const request = await talk(person, 1, 14, helper);
      expect(summariesIn(request)).toEqual([]);
      expect(JSON.stringify(request)).toMatch(/number13,/);
      expect(helper.requests.length).toBeGreaterThan(0);
    }
  });
});

describe('a follow-up question to a business with a large knowledge base', () => {
  let large: typeof shop;
  beforeAll(async () => {
    large = await openBatikShop({
      models: { helper: ['helper'] },
      knowledge: { prompt_tokens: 500 },
    });
    const scope = await large.scope();
    for (let n = 0; n < 12; n += 1) {
      await large.services.knowledge.upsert(scope, {
        id: `page-${n}`,
        title: `Page ${n}`,
        text: `The workshop number ${n} dyes cloth with indigo and teaches it on weekday mornings. `.repeat(
          6,
        ),
      });
    }
    await large.services.knowledge.upsert(scope, {
      id: 'warranty',
      title: 'Warranty',
      text: 'The sewing machine Kartini comes with a warranty of twelve months.',
    });
  });
  afterAll(() => large.close());

  const ask = async (person: string, helper: ScriptedModel): Promise<ModelRequest> => {
    const scripted = answers();
    const how = { person, models: [scripted], helpers: [helper] };
    await large.say('Which workshop dyes cloth with indigo?', how);
    await large.say('and for that one?', how);
    return promptOf(scripted, 1);
  };

  it('is also searched for as the helper model rewrites it', async () => {
    const helper = writes('How long is the warranty of the sewing machine Kartini?');
    expect(JSON.stringify(await ask('fay', helper))).toContain('twelve months');
    expect(helper.requests).toHaveLength(1);
    const parts = partsOf(promptOf(helper));
    expect(JSON.stringify(parts)).toContain('Person: Which workshop dyes cloth with indigo?');
    expect(parts.at(-1)).toEqual({ type: 'text', text: 'and for that one?' });
  });

  it('is searched for as written if the helper model is late, fails or rambles', async () => {
    for (const helper of [model(['hang']), model([]), writes('Once upon a time\nthere was the warranty')]) {
      const request = await ask(`gus-${helper.signals.length}-${Math.random()}`, helper);
      expect(JSON.stringify(request)).toContain('indigo');
      expect(JSON.stringify(request)).not.toContain('twelve months');
    }
  });

  it('has its search results reranked by the helper model if the business asks for that', async () => {
    const ordered = await openBatikShop({
      models: { helper: ['helper'] },
      knowledge: { prompt_tokens: 500, rerank: 'helper' },
    });
    try {
      const scope = await ordered.scope();
      for (let n = 0; n < 8; n += 1) {
        const text = `The workshop number ${n} dyes cloth with indigo and teaches it. `.repeat(8);
        await ordered.services.knowledge.upsert(scope, { id: `page-${n}`, title: `Page ${n}`, text });
      }
      const first = async (person: string, helper: ScriptedModel) => {
        const scripted = answers();
        const how = { person, models: [scripted], helpers: [helper] };
        await ordered.say('Which workshop dyes cloth with indigo?', how);
        return partsOf(promptOf(scripted)).find((part) => part.type === 'data' && part.citation === 1);
      };
      const helper = writes('5, 2');
      const best = await first('ina', helper);
      const shown = partsOf(promptOf(helper)).filter((part) => part.type === 'data');
      expect(best).toMatchObject({ title: shown[4]?.title });
      // A sentence, positions that were not shown, and a model that hangs change nothing.
      for (const [index, odd] of [
        writes('Block 3 is best'),
        writes('0'),
        writes('99'),
        model(['hang']),
      ].entries()) {
        expect(await first(`joko-${index}`, odd)).toMatchObject({ title: shown[0]?.title });
      }
    } finally {
      await ordered.close();
    }
  });

  it('is not rewritten if the whole knowledge base fits into the prompt', async () => {
    const helper = model();
    const scripted = answers();
    const how = { person: 'hana', models: [scripted], helpers: [helper] };
    await shop.say('How much is shipping to Surabaya?', how);
    await shop.say('and to Bandung?', how);
    expect(scripted.requests).toHaveLength(2);
    expect(helper.requests).toEqual([]);
  });
});
