import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InboundEvent } from '../../src/contracts/channel.js';
import type { InboxEvent } from '../../src/contracts/turn.js';
import { nextBatch, type NextBatch } from '../../src/delivery/next-batch.js';

const BURSTS = { quiet_ms: 700, max_wait_ms: 4_000 };
const START = Date.parse('2026-01-01T00:00:00Z');

type Kind = InboundEvent['type'];
interface Told {
  readonly kind: Kind;
  /** Id of the message it is, edits, deletes or belongs to. */
  readonly id: string;
  readonly text?: string;
  /** In ms after the first. */
  readonly at?: number;
  readonly attempts?: number;
  readonly from?: string;
  /** How long the platform held it before delivering it, in ms. */
  readonly waited?: number;
  /** The platform says that it held the message. */
  readonly wasKept?: true;
}

function pendingOf(items: readonly Told[]): InboxEvent[] {
  return items.map(
    ({ kind, id, text = id, at = 0, attempts = 0, from = 'someone', waited = 0, wasKept }, index) => ({
      key: `${kind}:${id}:${index}`,
      accountId: 'bot',
      channel: 'telegram',
      conversationId: 'c',
      contactId: from,
      event: {
        ...eventOf(kind, id, text, index),
        sentAt: new Date(START + at - waited),
        ...(wasKept ? { wasKept } : {}),
      },
      receivedAt: new Date(START + at),
      attempts,
      status: 'pending',
    }),
  );
}

function eventOf(type: Kind, messageId: string, text: string, sequence: number): InboundEvent {
  const base = {
    eventId: String(sequence),
    sequence,
    sentAt: new Date(START),
    chat: { chatId: '7', kind: 'direct' as const },
    sender: { id: '7', isBot: false },
  };
  const parts = [{ type: 'text' as const, text }];
  switch (type) {
    case 'message':
      return { ...base, type, messageId, parts, addressed: true };
    case 'command':
      return { ...base, type, messageId, name: text, argumentText: '', files: [], addressed: true };
    case 'action':
      return { ...base, type, messageId, action: text };
    case 'edit':
      return { ...base, type, messageId, parts, addressed: true };
    case 'own-message':
      return { ...base, type, messageId, parts };
    case 'reaction':
      return { ...base, type, messageId, emoji: text };
    case 'delete':
      return { ...base, type, messageId };
    default:
      return type satisfies never;
  }
}

/** The batch in words: its type, its texts, and how many corrections it also answers. */
function say(items: readonly Told[], nowMs: number, bursts: typeof BURSTS | undefined): string {
  const batch = nextBatch(pendingOf(items), START + nowMs, {
    ...(bursts === undefined ? {} : { bursts }),
    answerWithinHours: 24,
  });
  switch (batch.type) {
    case 'nothing':
      return 'nothing';
    case 'wait':
      return `wait until ${batch.untilMs - START}`;
    case 'late-edit':
      return `late edit ${messageIdOf(batch.edit.event)}`;
    case 'own-message':
      return `own message ${messageIdOf(batch.item.event)}`;
    case 'drop':
      return `drop ${batch.events.map(({ event }) => event.type).join('+')}`;
    case 'turn':
      return `turn ${batch.events.map(({ event }) => textOf(event)).join('+')} (${batch.corrections.length})`;
    default:
      return batch satisfies never;
  }
}

function messageIdOf(event: InboundEvent): string {
  return ('messageId' in event ? event.messageId : undefined) ?? '';
}

function textOf(event: InboundEvent): string {
  if (event.type === 'message')
    return event.parts.map((part) => (part.type === 'text' ? part.text : '')).join();
  return event.type;
}

const message = (id: string, more: Partial<Told> = {}): Told => ({ kind: 'message', id, ...more });

it.each<[string, readonly Told[], number, typeof BURSTS | undefined, string]>([
  ['no events make no batch', [], 0, BURSTS, 'nothing'],
  ['a message waits for the rest of its burst', [message('a')], 0, BURSTS, 'wait until 700'],
  ['a message becomes a turn after enough quiet time', [message('a')], 700, BURSTS, 'turn a (0)'],
  ['without burst settings a message becomes a turn at once', [message('a')], 0, undefined, 'turn a (0)'],
  [
    'without burst settings each message is a turn of its own',
    [message('a'), message('b')],
    0,
    undefined,
    'turn a (0)',
  ],
  [
    'each message of a burst restarts the quiet time',
    [message('a'), message('b', { at: 500 })],
    800,
    BURSTS,
    'wait until 1200',
  ],
  [
    'an endless burst is answered after the longest wait',
    [message('a'), message('b', { at: 3_900 })],
    4_000,
    BURSTS,
    'turn a+b (0)',
  ],
  [
    'a command ends the burst before it and waits for its own turn',
    [message('a'), { kind: 'command', id: 'h' }],
    0,
    BURSTS,
    'turn a (0)',
  ],
  ['a command never waits', [{ kind: 'command', id: 'h' }, message('a')], 0, BURSTS, 'turn command (0)'],
  ['a button press never waits', [{ kind: 'action', id: 'b' }], 0, BURSTS, 'turn action (0)'],
  [
    'an edit changes the waiting message',
    [message('a'), { kind: 'edit', id: 'a', text: 'A' }],
    700,
    BURSTS,
    'turn A (1)',
  ],
  [
    'the later of two edits counts',
    [message('a'), { kind: 'edit', id: 'a', text: 'A' }, { kind: 'edit', id: 'a', text: 'B' }],
    700,
    BURSTS,
    'turn B (2)',
  ],
  [
    'an edit of a message that is no longer waiting is handled alone',
    [{ kind: 'edit', id: 'x', text: 'X' }, message('a')],
    700,
    BURSTS,
    'late edit x',
  ],
  [
    'the last of two late edits counts',
    [
      { kind: 'edit', id: 'x', text: 'X' },
      { kind: 'edit', id: 'x', text: 'Y' },
    ],
    700,
    BURSTS,
    'drop edit',
  ],
  [
    'a late edit of a message that was deleted meanwhile is dropped',
    [
      { kind: 'edit', id: 'x', text: 'X' },
      { kind: 'delete', id: 'x' },
    ],
    700,
    BURSTS,
    'drop delete+edit',
  ],
  [
    'a message that the platform kept for more than a day is not answered',
    [
      message('a', { waited: 25 * 3_600_000, wasKept: true }),
      message('b', { waited: 23 * 3_600_000, wasKept: true }),
    ],
    700,
    BURSTS,
    'drop message',
  ],
  [
    'a message that the platform kept for less than a day is answered',
    [message('b', { waited: 23 * 3_600_000, wasKept: true })],
    700,
    BURSTS,
    'turn b (0)',
  ],
  [
    'a message that only looks old because of a wrong clock is answered',
    [message('b', { waited: 40 * 24 * 3_600_000 })],
    700,
    BURSTS,
    'turn b (0)',
  ],
  [
    'messages from two people at the same time are two turns',
    [message('a'), message('b', { from: 'someone else' }), message('c')],
    5_000,
    BURSTS,
    'turn a (0)',
  ],
  [
    'a message from the business itself stands alone',
    [{ kind: 'own-message', id: 'o' }, message('a')],
    700,
    BURSTS,
    'own message o',
  ],
  [
    'a deleted message is dropped with its deletion',
    [message('a'), { kind: 'delete', id: 'a' }, message('b')],
    700,
    BURSTS,
    'drop delete+message',
  ],
  [
    'an edit of a message after a command waits for that message',
    [message('a'), { kind: 'command', id: 'h' }, message('b'), { kind: 'edit', id: 'b', text: 'B' }],
    700,
    BURSTS,
    'turn a (0)',
  ],
  [
    'a message that failed before is retried alone and at once',
    [message('a', { attempts: 1 }), message('b', { attempts: 1 }), message('c')],
    0,
    BURSTS,
    'turn a+b (0)',
  ],
])('%s', (_sentence, items, nowMs, bursts, expected) => {
  expect(say(items, nowMs, bursts)).toBe(expected);
});

function usedBy(batch: Exclude<NextBatch, { type: 'nothing' | 'wait' }>): readonly InboxEvent[] {
  switch (batch.type) {
    case 'turn':
      return [...batch.events, ...batch.corrections];
    case 'drop':
      return batch.events;
    case 'late-edit':
      return [batch.edit];
    case 'own-message':
      return [batch.item];
    default:
      return batch satisfies never;
  }
}

const toldArbitrary = fc.array(
  fc.record({
    kind: fc.constantFrom<Kind>(
      'message',
      'message',
      'message',
      'command',
      'action',
      'edit',
      'delete',
      'own-message',
    ),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    from: fc.constantFrom('someone', 'someone', 'someone else'),
    at: fc.nat(5_000),
    attempts: fc.constantFrom(0, 0, 0, 1, 4),
  }),
  { maxLength: 12 },
);

it('a message that the platform kept for longer than the business allows is not answered', () => {
  const pending = pendingOf([message('a', { waited: 3 * 3_600_000, wasKept: true })]);
  expect(nextBatch(pending, START + 5_000, { answerWithinHours: 2 })).toMatchObject({ type: 'drop' });
  expect(nextBatch(pending, START + 5_000, { answerWithinHours: 4 })).toMatchObject({ type: 'turn' });
});

it('any sequence of events is used up in order, each once, without an endless wait', () => {
  fc.assert(
    fc.property(toldArbitrary, (items) => {
      let left = pendingOf(items);
      let nowMs = START;
      let waits = 0;
      const order: number[] = [];
      while (left.length > 0) {
        const batch = nextBatch(left, nowMs, { bursts: BURSTS, answerWithinHours: 24 });
        if (batch.type === 'wait') {
          expect(batch.untilMs).toBeGreaterThan(nowMs);
          nowMs = batch.untilMs;
          expect(++waits).toBeLessThanOrEqual(items.length);
          continue;
        }
        if (batch.type === 'nothing') throw new Error('events are left and nothing is done');
        const used = usedBy(batch);
        expect(used.length).toBeGreaterThan(0);
        const keys = new Set(used.map(({ key }) => key));
        expect(keys.size).toBe(used.length);
        expect(left.filter(({ key }) => keys.has(key))).toHaveLength(used.length);
        if (batch.type === 'turn') order.push(...batch.events.map(({ event }) => event.sequence));
        left = left.filter(({ key }) => !keys.has(key));
      }
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }),
    { numRuns: 500 },
  );
});
