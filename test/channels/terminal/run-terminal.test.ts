import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runTerminal, type TerminalDependencies } from '../../../channels/terminal/index.js';
import type { Intake } from '../../../src/contracts/chat.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { openConversation } from '../../conversation/support/open-conversation.js';
import { createScriptedModel } from '../../fakes/llm/scripted-model.js';

let shop: Awaited<ReturnType<typeof openConversation>>;
beforeAll(async () => {
  shop = await openConversation();
  const { faq } = shop.services;
  await faq.add(await shop.scope(), {
    question: 'Do you accept QRIS?',
    answer: 'Yes, any app.',
    locale: 'en',
  });
});
afterAll(() => shop.close());

/** Runs the pipeline directly, without lanes and workers, which have tests of their own. */
function directIntake(messages: string[]): Intake {
  const turns = new Map<string, ReturnType<typeof shop.say>>();
  return {
    accept(_scope, _account, event) {
      if (event.type !== 'message') throw new Error(`a ${event.type}`);
      const [part] = event.parts;
      const text = part?.type === 'text' ? part.text : '';
      messages.push(text);
      const model = createScriptedModel('scripted', [
        { type: 'text-delta', text: 'Hello!' },
        { type: 'finish', reason: 'stop', rawReason: 'stop', usage: { inputTokens: 1, outputTokens: 1 } },
      ]);
      turns.set(event.eventId, shop.say(text, { models: [model] }));
      return Promise.resolve({ type: 'accepted', eventKey: event.eventId, conversationId: 'c' });
    },
    stop: () => Promise.resolve(false),
    async answered(_scope, { eventKey }) {
      const reply = await turns.get(eventKey);
      if (reply === undefined) throw new Error('never accepted');
      return reply.turn;
    },
  };
}

async function terminal(input: string): Promise<{ shown: string; said: string[] }> {
  const output = new PassThrough();
  const messages: string[] = [];
  const deps: TerminalDependencies = {
    scope: await shop.scope(),
    account: { id: 'terminal', tenantId: 'shop', channel: 'terminal', config: {} },
    intake: directIntake(messages),
    makeId,
    input: Readable.from([input]),
    output,
    userId: 'me',
    prompts: { you: 'you', bot: 'Shop' },
    sourcesLabel: 'Sources',
    signal: AbortSignal.timeout(20_000),
  };
  await runTerminal(deps);
  output.end();
  return { shown: (await output.toArray()).join(''), said: messages };
}

it('piped lines are answered in order, and blank ones skipped', async () => {
  const { shown, said } = await terminal('do you accept QRIS\n\n  hello  \n');
  expect(said).toEqual(['do you accept QRIS', 'hello']);
  expect(shown).toBe('you › do you accept QRIS\nShop › Yes, any app.\n\nyou › hello\nShop › Hello!\n\n');
});

it('the last line counts without a line break, and empty input starts no conversation', async () => {
  expect((await terminal('hello')).said).toEqual(['hello']);
  expect(await terminal('')).toEqual({ shown: '', said: [] });
});
