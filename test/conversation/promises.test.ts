import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GivenPromise, PromiseKeeper } from '../../src/contracts/promises.js';
import { findPromises } from '../../src/conversation/promises/find-promises.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { finish, text } from '../fakes/llm/scripted-model.js';
import { model, openBatikShop } from './support/batik-shop.js';
import { shownText } from './support/open-conversation.js';

describe('a promise in a model’s answer', () => {
  const lines = readFileSync(join(projectRoot, 'test/fixtures/promises.txt'), 'utf8').split('\n');

  it.each([
    ['seen', 0.95],
    ['unseen', 0.9],
  ])('is distinguished from an ordinary statement (%s)', (part, least) => {
    const sentences = lines.flatMap((line) => {
      const [, set, sign, sentence] = /^(\w+) ([+-]) (.*)$/.exec(line) ?? [];
      return set === part && sentence !== undefined ? [{ sentence, isPromise: sign === '+' }] : [];
    });
    expect(sentences.length).toBeGreaterThan(20);
    const detections = sentences.filter(({ sentence }) => findPromises(sentence).length > 0);
    const right = detections.filter(({ isPromise }) => isPromise).length;
    expect(right / sentences.filter(({ isPromise }) => isPromise).length).toBeGreaterThanOrEqual(least);
    expect(right / detections.length).toBeGreaterThanOrEqual(least);
  });
});

describe('an answer that contains a promise', () => {
  let shop: Awaited<ReturnType<typeof openBatikShop>>;
  beforeAll(async () => {
    shop = await openBatikShop();
  });
  afterAll(() => shop.close());

  const PROMISE = 'I will ask our tailor and get back to you tomorrow.';
  const ask = (answer: string, keep?: PromiseKeeper['keep']) =>
    shop.say('Could you embroider a dragon on my hat?', {
      models: [model([text(answer), finish])],
      ...(keep === undefined ? {} : { keep }),
    });

  it('is sent once staff are notified of the question and the due time', async () => {
    const promises: GivenPromise[] = [];
    const keep = vi.fn((...[, , promise]: Parameters<PromiseKeeper['keep']>) => {
      promises.push(promise);
      return Promise.resolve({ notified: 1 });
    });
    const { turn } = await ask(PROMISE, keep);
    expect(turn.answer.text).toBe(PROMISE);
    expect(promises).toMatchObject([
      { question: 'Could you embroider a dragon on my hat?', promise: PROMISE },
    ]);
    const days = ((promises[0]?.dueAt.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(0);
    expect(days).toBeLessThan(2);
  });

  it('is replaced if nobody can be notified: the question is recorded, and the answer says so', async () => {
    const { turn, heard } = await ask(`We embroider names. ${PROMISE}`);
    expect(turn.answer.text).toContain('We embroider names.');
    expect(turn.answer.text).not.toContain('get back to you');
    expect(turn.answer.text).toContain('I have written your question down for our team');
    expect(shownText(heard)).toBe(turn.answer.text);
    const { items } = await (await shop.scope()).unanswered.list({ limit: 50 });
    expect(items.map(({ question }) => question)).toContain('Could you embroider a dragon on my hat?');
  });

  it('is unchanged if it promises nothing', async () => {
    const keep = vi.fn(() => Promise.resolve({ notified: 1 }));
    expect((await ask('We embroider names on hats.', keep)).turn.answer.text).toBe(
      'We embroider names on hats.',
    );
    expect(keep).not.toHaveBeenCalled();
  });
});
