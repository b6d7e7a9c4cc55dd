import { expect, it } from 'vitest';
import type { ChannelCapabilities, OutboundMessage } from '../../src/contracts/channel.js';
import type { FindAccount } from '../../src/contracts/chat.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import type { InboxEvent, Turn } from '../../src/contracts/turn.js';
import { pressedChoice, withNumbers } from '../../src/delivery/numbered-choices.js';
import { createRewrite } from '../../src/delivery/rewrite.js';
import { silentLogger } from '../fakes/silent-logger.js';

const WITHOUT_BUTTONS = { buttons: false, delivery: 'chat' } as unknown as ChannelCapabilities;

/** A question with these buttons, and what a message after it presses. */
function question(labels: readonly string[], asks?: string) {
  const bubble = {
    type: 'text',
    text: 'Which?',
    buttons: labels.map((label) => [{ label, action: `/pick ${label}` }]),
  } as const;
  const answer = { bubbles: [bubble], ...(asks === undefined ? {} : { asks }) };
  const turns = { recent: () => Promise.resolve([{ answer } as unknown as Turn]) };
  return {
    text: withNumbers([bubble], WITHOUT_BUTTONS, answer)[0]?.text,
    async presses(text: string): Promise<string | undefined> {
      const event = { type: 'message', parts: [{ type: 'text', text }] };
      const item = { event, conversationId: 'c1' } as unknown as InboxEvent;
      const [result] = await pressedChoice([item], { turns } as unknown as TenantScope, WITHOUT_BUTTONS);
      return result?.event.type === 'action' ? result.event.action : undefined;
    },
  };
}

it('choices have numbers, and the number presses the button', async () => {
  const { text, presses } = question(['Red', 'Blue']);
  expect(text).toBe('Which?\n\n1. Red\n2. Blue');
  expect([await presses('2'), await presses('(1)'), await presses('3'), await presses('b')]).toEqual([
    '/pick Blue',
    '/pick Red',
    undefined,
    undefined,
  ]);
});

it('choices beside a question for input have letters, so that a number is the answer', async () => {
  const { text, presses } = question(['Skip', 'Now'], '/predict answer');
  expect(text).toBe('Which?\n\na. Skip\nb. Now');
  expect([await presses('2'), await presses('B.')]).toEqual([undefined, '/pick Now']);
});

it('a label that looks like a number or a letter is meant before one', async () => {
  expect(await question(['3', '1']).presses('1')).toBe('/pick 1');
  expect(await question(['B', 'A'], '/predict answer').presses('a')).toBe('/pick A');
});

it('each edit of a message is one of its own, and keeps the numbers of its choices', async () => {
  const sent: OutboundMessage[] = [];
  const capabilities = { ...WITHOUT_BUTTONS, edits: true };
  const channel = {
    capabilities,
    send: (_target: unknown, message: OutboundMessage) => void sent.push(message),
  };
  const rewrite = createRewrite({
    findAccount: () => ({ channel, account: {} }) as unknown as ReturnType<FindAccount>,
    logger: silentLogger,
  });
  const delivery = { state: 'sent', receipt: { messageId: 'm1' } };
  const turn = { answer: { bubbles: [{ type: 'text', text: 'Begun' }] }, deliveries: [delivery] };
  const scope = { turns: { get: () => Promise.resolve(turn) } } as unknown as TenantScope;
  const buttons = [[{ label: 'Stop', action: '/stop' }]];
  expect(await rewrite(scope, 't1', { text: 'Half', buttons })).toBe('shown');
  expect(await rewrite(scope, 't1', { text: 'Done' })).toBe('shown');
  expect(sent).toMatchObject([
    { type: 'edit', messageId: 'm1', text: 'Half\n\n1. Stop' },
    { type: 'edit', messageId: 'm1', text: 'Done' },
  ]);
  expect(new Set(sent.map((message) => 'key' in message && message.key)).size).toBe(2);
});
