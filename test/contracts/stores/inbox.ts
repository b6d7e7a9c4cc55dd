import { expect, it } from 'vitest';
import type { InboundEvent } from '../../../src/contracts/channel.js';
import {
  HOSTILE_STRINGS,
  inboxEvent,
  messageEvent,
  newScope,
  NO_STRINGS,
  type StoresUnderTest,
} from './under-test.js';

export function inboxContract(stores: StoresUnderTest): void {
  it('returns what was accepted, with its dates and without invented fields', async () => {
    const { inbox } = await newScope(stores);
    const event: InboundEvent = {
      ...messageEvent('x', 5),
      type: 'command',
      name: 'help',
      argumentText: '',
      files: [],
      addressed: true,
    };
    const input = inboxEvent('a:1', { event, bodyHash: 'abc' });
    const { stored, duplicate } = await inbox.accept(input);
    expect(duplicate).toBe(false);
    expect(stored).toEqual({ ...input, attempts: 0, status: 'pending' });
    expect(await inbox.get('a:1')).toStrictEqual({ ...input, attempts: 0, status: 'pending' });
    await inbox.accept(inboxEvent('a:2'));
    expect(await inbox.get('a:2')).not.toHaveProperty('bodyHash');
  });

  it('stores an event once even if it arrives twenty times at the same moment', async () => {
    const { inbox } = await newScope(stores);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        inbox.accept(inboxEvent('a:1', { event: messageEvent(`body ${n}`, n) })),
      ),
    );
    expect(results.filter((result) => !result.duplicate)).toHaveLength(1);
    const first = results.find((result) => !result.duplicate);
    for (const { stored } of results) expect(stored).toEqual(first?.stored);
    expect(await inbox.pending('conversation')).toHaveLength(1);
  });

  it('lists unanswered events of one conversation in the platform’s order', async () => {
    const { inbox } = await newScope(stores);
    for (const sequence of [30, 4, 2_000_000_000_000, 200]) {
      await inbox.accept(inboxEvent(`a:${sequence}`, { event: messageEvent('x', sequence) }));
    }
    await inbox.accept(inboxEvent('a:other', { conversationId: 'another' }));
    await inbox.markAnswered(['a:30']);
    const pending = await inbox.pending('conversation');
    expect(pending.map((item) => item.event.sequence)).toEqual([4, 200, 2_000_000_000_000]);
    await inbox.markAnswered(['a:4', 'a:200', 'a:2000000000000']);
    expect(await inbox.pending('conversation')).toEqual([]);
    expect((await inbox.get('a:30'))?.status).toBe('answered');
  });

  it('declares an event dead at its last attempt, and counts each attempt once', async () => {
    const { inbox } = await newScope(stores);
    await inbox.accept(inboxEvent('a:1'));
    await inbox.accept(inboxEvent('a:2', { event: messageEvent('x', 2) }));
    await inbox.recordAttempt(['a:1'], 3);
    const second = await inbox.recordAttempt(['a:1', 'a:2'], 3);
    expect(second.map(({ key, attempts, status }) => [key, attempts, status])).toEqual([
      ['a:1', 2, 'pending'],
      ['a:2', 1, 'pending'],
    ]);
    await Promise.all([inbox.recordAttempt(['a:1', 'a:2'], 3), inbox.recordAttempt(['a:1', 'a:2'], 3)]);
    expect(await inbox.get('a:1')).toMatchObject({ attempts: 3, status: 'dead' });
    expect(await inbox.get('a:2')).toMatchObject({ attempts: 3, status: 'dead' });
    expect(await inbox.pending('conversation')).toEqual([]);
  });

  it('does not revive an answered event by a late attempt', async () => {
    const { inbox } = await newScope(stores);
    await inbox.accept(inboxEvent('a:1'));
    await inbox.markAnswered(['a:1']);
    expect(await inbox.recordAttempt(['a:1'], 1)).toMatchObject([{ status: 'answered', attempts: 0 }]);
  });

  it('accepts any string as a plain string', async () => {
    const { inbox } = await newScope(stores);
    for (const text of HOSTILE_STRINGS) {
      await inbox.accept(inboxEvent(text, { conversationId: text, bodyHash: text }));
      expect(await inbox.get(text)).toMatchObject({ key: text, conversationId: text });
      expect(await inbox.pending(text)).toHaveLength(1);
    }
    await expect(inbox.accept(inboxEvent('x'.repeat(100_000)))).rejects.toThrow(RangeError);
    await expect(inbox.accept(inboxEvent(''))).rejects.toThrow(RangeError);
    await expect(inbox.accept(inboxEvent('\ud800'))).rejects.toThrow(RangeError);
    expect(await inbox.get('x'.repeat(100_000))).toBeUndefined();
  });

  it('refuses anything but strings, so that nothing is read as an operator', async () => {
    const { inbox } = await newScope(stores);
    await inbox.accept(inboxEvent('a:1'));
    for (const value of NO_STRINGS) {
      await expect(inbox.get(value as string)).rejects.toThrow(TypeError);
      await expect(inbox.pending(value as string)).rejects.toThrow(TypeError);
      await expect(inbox.markAnswered([value as string])).rejects.toThrow(TypeError);
    }
    expect((await inbox.get('a:1'))?.status).toBe('pending');
  });
}
