import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MessagePart } from '../../src/contracts/message.js';
import { finish, text } from '../fakes/llm/scripted-model.js';
import { model, noModel, openBatikShop, promptOf } from './support/batik-shop.js';
import { PUSH } from './support/open-conversation.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
beforeAll(async () => {
  shop = await openBatikShop();
});
afterAll(() => shop.close());

it.each<[string, MessagePart]>([
  ['photo', { type: 'file', kind: 'image', reference: 'r' }],
  ['voice message', { type: 'file', kind: 'voice', reference: 'r' }],
  ['sticker', { type: 'file', kind: 'sticker', reference: 'r', emoji: '👍' }],
  ['location', { type: 'location', latitude: -6.9, longitude: 107.6 }],
  ['contact', { type: 'contact', name: 'Budi', phones: ['+62811'] }],
  ['poll', { type: 'poll', question: 'When?', options: ['Monday', 'Tuesday'] }],
])('a %s alone is named as what it is, with a way to a person', async (name, part) => {
  const { turn } = await shop.sendParts({ parts: [part] }, { models: noModel(), capabilities: PUSH });
  expect(turn.answer.text).toContain(`your ${name},`);
  expect(turn.answer.source).toBe('fallback');
  expect(turn.answer.bubbles.at(-1)?.buttons?.flat()).toMatchObject([{ action: '/human' }]);
});

it('a reply shows the model the message it is about, marked as whose it is', async () => {
  const asked = model([text('It is cheap.'), finish]);
  await shop.sendParts(
    {
      parts: [{ type: 'text', text: 'is shipping to Surabaya cheaper than this one?' }],
      quoted: { from: 'bot', parts: [{ type: 'text', text: 'Express costs Rp40.000.' }] },
    },
    { models: [asked] },
  );
  const parts = promptOf(asked).messages.flatMap((message) => (message.role === 'user' ? message.parts : []));
  expect(parts).toContainEqual({
    type: 'data',
    kind: 'quoted',
    title: 'The message they reply to (your own)',
    text: 'Express costs Rp40.000.',
  });
});
