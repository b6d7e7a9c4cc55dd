import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Tool } from '../../src/contracts/tool.js';
import { write } from '../commands/open-shop.js';
import { finish, text } from '../fakes/llm/scripted-model.js';
import { calling, callTool, model, openBatikShop, promptOf } from './support/batik-shop.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
let ran = 0;
const voucher: Tool = {
  name: 'send_voucher',
  description: 'x',
  inputSchema: z.strictObject({ to: z.string() }),
  effect: 'read',
  run: () => Promise.resolve({ ok: (ran += 1) }),
};

beforeAll(async () => {
  shop = await openBatikShop({
    agents: [
      { name: 'care', persona: 'You know everything about cloth.', keywords: ['wash'], tools: [] },
      { name: 'sales', template: 'sales', chain: ['extractive'] },
      { name: 'night', persona: 'You answer at night.', channels: ['night'] },
    ],
  });
});
afterAll(() => shop.close());

const systemFor = async (question: string, person = 'siti'): Promise<string> => {
  const scriptedModel = model([text('Yes.'), finish]);
  await shop.say(question, { models: [scriptedModel], person });
  return promptOf(scriptedModel).system;
};

describe('an agent', () => {
  it('answers only the messages that contain one of its trigger words', async () => {
    expect(await systemFor('How do I wash hand-drawn batik?')).toContain('You know everything about cloth.');
    expect(await systemFor('How much is shipping to Surabaya?')).toContain('You are Sapa.');
    expect(await systemFor('Do you do washing?')).toContain('You are Sapa.');
  });

  it('offers only its own tools, and runs no other', async () => {
    const scriptedModel = model([callTool('1'), calling], [text('Cold water.'), finish]);
    await shop.say('How do I wash hand-drawn batik?', { models: [scriptedModel], tools: [voucher] });
    expect(promptOf(scriptedModel).tools ?? []).toEqual([]);
    expect(ran).toBe(0);
  });

  it('can be chosen by a person for their conversation, and switched off again', async () => {
    const person = await shop.person('buyer');
    const reply = await write(shop, person, '/agent');
    expect(reply.buttons?.flat().map(({ action }) => action)).toContain('/agent sales');
    await write(shop, person, '/agent sales');
    const conversation = await (await shop.scope()).conversations.get(person.conversation.id);
    expect(conversation?.agent).toBe('sales');
    await write(shop, person, '/agent off');
    expect((await (await shop.scope()).conversations.get(person.conversation.id))?.agent).toBeUndefined();
  });
});
