import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessagePart } from '../../src/contracts/message.js';
import { ModelError } from '../../src/contracts/model.js';
import type { Recording, Transcriber } from '../../src/contracts/transcription.js';
import { dayIn } from '../../src/lib/time/calendar.js';
import { finish, text, type ScriptedModel } from '../fakes/llm/scripted-model.js';
import { model, noModel, openBatikShop, partsOf, promptOf } from './support/batik-shop.js';
import { PUSH } from './support/open-conversation.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
beforeAll(async () => {
  shop = await openBatikShop();
});
afterAll(() => shop.close());

it.each<[string, MessagePart]>([
  ['voice message', { type: 'file', kind: 'voice', reference: 'r' }],
  ['sticker', { type: 'file', kind: 'sticker', reference: 'r', emoji: '👍' }],
  ['location', { type: 'location', latitude: -6.9, longitude: 107.6 }],
  ['contact', { type: 'contact', name: 'Budi', phones: ['+62811'] }],
  ['poll', { type: 'poll', question: 'When?', options: ['Monday', 'Tuesday'] }],
])('names what was sent when a %s comes alone, and offers a person', async (name, part) => {
  const { turn } = await shop.sendParts({ parts: [part] }, { models: noModel(), capabilities: PUSH });
  expect(turn.answer.text).toContain(`your ${name},`);
  expect(turn.answer.source).toBe('fallback');
  expect(turn.answer.bubbles.at(-1)?.buttons?.flat()).toMatchObject([{ action: '/human' }]);
});

it('shows the model the message that a reply quotes, marked with its author', async () => {
  const scriptedModel = model([text('It is cheap.'), finish]);
  await shop.sendParts(
    {
      parts: [{ type: 'text', text: 'is shipping to Surabaya cheaper than this one?' }],
      quoted: { from: 'bot', parts: [{ type: 'text', text: 'Express costs Rp40.000.' }] },
    },
    { models: [scriptedModel] },
  );
  const parts = promptOf(scriptedModel).messages.flatMap((message) =>
    message.role === 'user' ? message.parts : [],
  );
  expect(parts).toContainEqual({
    type: 'data',
    kind: 'quoted',
    title: 'The message they reply to (your own)',
    text: 'Express costs Rp40.000.',
  });
});

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const OGG = Buffer.from('OggS and what somebody said');

/** A transcriber that returns the same for every recording. */
function hearing(transcript: string | Error): Transcriber & { readonly heard: Recording[] } {
  const recordings: Recording[] = [];
  return {
    provider: 'scripted',
    model: 'ear',
    heard: recordings,
    // Ten micro-units per second of audio, one per token.
    priceOf: ({ inputTokens, outputTokens, audioSeconds = 0 }) =>
      inputTokens + outputTokens + 10 * audioSeconds,
    transcribe(recording) {
      recordings.push(recording);
      if (transcript instanceof Error) return Promise.reject(transcript);
      return Promise.resolve({ text: transcript, usage: { inputTokens: 40, outputTokens: 8 } });
    },
  };
}

it('shows a photo to a model that can see, and names it as a photo to one that cannot', async () => {
  const scriptedModel = model([text('A fine cloth.'), finish]);
  const parts = [{ type: 'file', kind: 'image', reference: 'cloth.png' }] as const;
  const result = await shop.sendParts({ parts }, { models: [scriptedModel], files: { 'cloth.png': PNG } });
  expect(result.turn.answer.text).toBe('A fine cloth.');
  expect(partsOf(promptOf(scriptedModel))).toContainEqual({
    type: 'image',
    mediaType: 'image/png',
    data: PNG,
  });
  const blind: ScriptedModel = { ...model(), capabilities: { ...scriptedModel.capabilities, images: false } };
  for (const how of [{ models: [blind], files: { 'cloth.png': PNG } }, { models: noModel() }]) {
    const { turn } = await shop.sendParts({ parts: [{ ...parts[0], reference: 'r' }] }, how);
    expect(turn.answer.text).toContain('your photo,');
  }
});

describe('a PDF file', () => {
  /** File names are shown in a way that no chat turns into links. */
  const BILL = /bill\.\u2060pdf/u;
  const PDF = Buffer.from('%PDF-1.7 a bill of Rp125.000');
  const file = { type: 'file', kind: 'document', reference: 'bill', fileName: 'bill.pdf' } as const;
  const send = (
    scriptedModel: ScriptedModel,
    parts: readonly MessagePart[] = [file, { type: 'text', text: 'is this bill right?' }],
    bytes = PDF,
  ) => shop.sendParts({ parts }, { models: [scriptedModel], files: { bill: bytes } });

  it('is passed unchanged to a model that reads PDFs, alone or with text', async () => {
    const reading = model([text('Rp125.000 is right.'), finish], [text('A bill of Rp125.000.'), finish]);
    expect((await send(reading)).turn.answer.text).toBe('Rp125.000 is right.');
    expect(partsOf(promptOf(reading))).toContainEqual({ type: 'pdf', fileName: 'bill.pdf', data: PDF });
    expect((await send(reading, [file])).turn.answer.text).toBe('A bill of Rp125.000.');
  });

  it('is only named if it is no PDF or no model reads it, and the question is still answered', async () => {
    const reading = model([text('I see no bill.'), finish]);
    const forged = Buffer.from('MZ and not a PDF');
    expect((await send(reading, undefined, forged)).turn.answer.text).toBe('I see no bill.');
    expect(partsOf(promptOf(reading)).map(({ type }) => type)).not.toContain('pdf');
    expect((await send(model(), [file], forged)).turn.answer.text).toMatch(BILL);
    const blind = model();
    const { turn } = await send({ ...blind, capabilities: { ...blind.capabilities, pdfs: false } }, [file]);
    expect(turn.answer.text).toMatch(BILL);
    expect(blind.requests).toEqual([]);
  });
});

describe('a voice message', () => {
  const parts: readonly MessagePart[] = [{ type: 'file', kind: 'voice', reference: 'voice' }];
  const send = (transcriber: Transcriber, scriptedModel = model([text('Rp18.000.'), finish]), file = OGG) =>
    shop.sendParts({ parts }, { models: [scriptedModel], transcriber, files: { voice: file } });

  it('is answered as if its words had been typed, and its cost is recorded in the ledger', async () => {
    const ear = hearing('How much is shipping to Surabaya?');
    const scriptedModel = model([text('Rp18.000.'), finish]);
    const { turn } = await send(ear, scriptedModel);
    expect(turn.input).toBe('How much is shipping to Surabaya?');
    expect(turn.answer.text).toBe('Rp18.000.');
    expect(ear.heard).toMatchObject([{ mediaType: 'audio/ogg', fileName: 'voice.ogg' }]);
    expect(partsOf(promptOf(scriptedModel)).at(-1)).toEqual({ type: 'text', text: turn.input });
    const scope = await shop.scope();
    const today = dayIn('Asia/Jakarta', new Date());
    const spent = await shop.services.usage.report(scope, { from: today, to: today, groupBy: 'purpose' });
    expect(spent).toContainEqual(
      expect.objectContaining({
        key: 'transcription',
        inputTokens: 40,
        outputTokens: 8,
        costMicros: 48,
        unpricedCalls: 0,
      }),
    );
  });

  it('is charged by its length when the vendor reports no tokens', async () => {
    const spent = async () => {
      const today = dayIn('Asia/Jakarta', new Date());
      const range = { from: today, to: today, groupBy: 'purpose' } as const;
      const totals = await shop.services.usage.report(await shop.scope(), range);
      return totals.find(({ key }) => key === 'transcription');
    };
    const before = await spent();
    const ear: Transcriber = {
      ...hearing(''),
      transcribe: () => Promise.resolve({ text: 'Hello', usage: { inputTokens: 0, outputTokens: 0 } }),
    };
    await shop.sendParts(
      { parts: [{ type: 'file', kind: 'voice', reference: 'voice', durationSeconds: 12 }] },
      { models: [model([text('Hello!'), finish])], transcriber: ear, files: { voice: OGG } },
    );
    const after = await spent();
    expect((after?.costMicros ?? 0) - (before?.costMicros ?? 0)).toBe(120);
    expect((after?.estimatedCalls ?? 0) - (before?.estimatedCalls ?? 0)).toBe(1);
  });

  it('is not transcribed when the budget does not cover it', async () => {
    const scope = await shop.scope();
    await shop.services.usage.setBudget(scope, { dayMicros: 1 });
    const ear = hearing('How much is shipping to Surabaya?');
    const { turn } = await send(ear);
    await shop.services.usage.setBudget(scope, {});
    expect(ear.heard).toEqual([]);
    expect(turn.answer.text).toContain('your voice message,');
  });

  it.each([
    ['cannot be transcribed', hearing(new ModelError('unreachable', 'scripted', 'down')), OGG],
    ['contains no speech', hearing(''), OGG],
    ['is not an audio file', hearing('obey'), Buffer.from('<html>')],
  ])('is only named as a voice message if it %s', async (_name, ear, file) => {
    const { turn } = await send(ear, model(), file);
    expect(turn.answer.text).toContain('your voice message,');
  });

  it('is not transcribed while a person is answering', async () => {
    const ear = hearing('hello');
    const { turn } = await send(ear);
    const { conversations } = await shop.scope();
    await conversations.update(turn.conversationId, { mode: 'human' });
    const heardBefore = ear.heard.length;
    await send(ear, model());
    expect(ear.heard).toHaveLength(heardBefore);
    await conversations.update(turn.conversationId, { mode: 'bot' });
  });
});
