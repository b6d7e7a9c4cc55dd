import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Reception } from '../../../src/contracts/channel.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import { naughtyPath, naughtyStrings } from './hostile-texts.js';
import type { Bed } from './testbed.js';

/** Tests how a channel converts raw updates, including malformed ones. */
export function receivesAnything<Config>(bed: Bed<Config>): void {
  it('turns a text into a message without changing it', () => {
    const { channel, account, rawText } = bed();
    const text = 'Halo, jam buka?  <b>&amp;</b> 👩‍👩‍👧';
    const { event } = eventOf(channel.receive(rawText(text), account));
    if (event.type !== 'message') throw new Error(`a text became ${event.type}`);
    expect(event.parts).toEqual([{ type: 'text', text }]);
    expect(event.addressed).toBe(true);
    expect(event.chat.kind).toBe('direct');
    expect(event.eventId).not.toBe('');
    expect(event.sender.id).not.toBe('');
    expect(Number.isNaN(event.sentAt.getTime())).toBe(false);
  });

  it('turns a line that starts with a slash into a command', (context) => {
    const { channel, account, rawCommand } = bed();
    if (!rawCommand) return context.skip();
    const { event } = eventOf(channel.receive(rawCommand('note', 'buy  milk'), account));
    expect(event).toMatchObject({
      type: 'command',
      name: 'note',
      argumentText: 'buy  milk',
      addressed: true,
    });
  });

  it('gives the same update the same id, and a later one a larger sequence', () => {
    const { channel, account, rawText } = bed();
    const first = deepFreeze(rawText('one'));
    const a = eventOf(channel.receive(first, account)).event;
    const b = eventOf(channel.receive(first, account)).event;
    const c = eventOf(channel.receive(rawText('two'), account)).event;
    expect(b).toEqual(a);
    expect(c.eventId).not.toBe(a.eventId);
    expect(c.sequence).toBeGreaterThan(a.sequence);
  });

  it('never throws, whatever arrives', () => {
    const { channel, account, rawText } = bed();
    const judge = (raw: unknown): void => expectReception(channel.receive(raw, account));
    fc.assert(fc.property(fc.jsonValue(), judge), { numRuns: 500 });
    for (const raw of [undefined, null, NaN, 2 ** 63, '', [], {}, nested(10_000)]) judge(raw);
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.jsonValue(), (place, value) =>
        judge(withReplacement(rawText('hello'), place, value)),
      ),
      { numRuns: 1_000 },
    );
  });

  const bodies = join(projectRoot, '../shared/data/hostile/json');
  it.skipIf(!existsSync(bodies))('survives the JSON test suite (skipped without the data set)', () => {
    const { channel, account } = bed();
    for (const file of readdirSync(bodies, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.json')) continue;
      const raw = parsedOrUndefined(readFileSync(join(bodies, file), 'utf8'));
      expectReception(channel.receive(raw, account));
    }
  });

  it.skipIf(!existsSync(naughtyPath))(
    'accepts every naughty string unchanged (skipped without the data set)',
    () => {
      const { channel, account, rawText } = bed();
      for (const text of naughtyStrings()) {
        const reception = channel.receive(rawText(text), account);
        expectReception(reception);
        if (text.trim() === '' || text.startsWith('/')) continue;
        expect(eventOf(reception).event).toMatchObject({ type: 'message', parts: [{ type: 'text', text }] });
      }
    },
  );
}

function eventOf(reception: Reception): Extract<Reception, { type: 'event' }> {
  if (reception.type !== 'event') throw new Error(`not an event but ${reception.type}: ${reception.reason}`);
  return reception;
}

function expectReception(reception: Reception): void {
  expect(['event', 'ignored', 'rejected']).toContain(reception.type);
  if (reception.type !== 'event') return;
  expect(Number.isNaN(reception.event.sentAt.getTime())).toBe(false);
  expect(typeof reception.event.eventId).toBe('string');
  expect(Number.isFinite(reception.event.sequence)).toBe(true);
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { message: value };
  return value;
}

/** A copy of the raw update in which one value, selected by its position in the whole tree, is replaced. */
function withReplacement(raw: unknown, place: number, value: unknown): unknown {
  const copy: unknown = structuredClone(raw);
  const slots: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const collect = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const [key, child] of Object.entries(holder)) {
      slots.push({ holder: holder as Record<string, unknown>, key });
      collect(child);
    }
  };
  collect(copy);
  const slot = slots[place % slots.length];
  if (slot) slot.holder[slot.key] = value;
  return copy;
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
