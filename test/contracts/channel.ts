import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ChannelError,
  type Channel,
  type ChannelAccount,
  type ChannelErrorKind,
  type ConnectionSink,
  type ConnectionState,
  type InboundEvent,
  type OutboundMessage,
  type Reception,
  type SendTarget,
} from '../../src/contracts/channel.js';
import { projectRoot } from '../../src/lib/project-root.js';

/** What people see in the chat of the testbed. */
export interface SeenMessage {
  readonly messageId: string;
  readonly text: string;
}

/**
 * One channel with a platform behind it, made anew for each test. What a platform cannot do is
 * left out, and the promises about it with it.
 */
export interface ChannelTestbed<Config> {
  readonly channel: Channel<Config>;
  readonly account: ChannelAccount<Config>;
  /** Parts of the config that no error may show. */
  readonly secrets: readonly string[];
  readonly target: SendTarget;
  /** A raw update as the platform hands it over when a person writes `text` in a direct chat. */
  rawText(text: string): unknown;
  /** The raw update for a typed or chosen command, e.g. `/note buy milk`. */
  rawCommand?(name: string, argumentText: string): unknown;
  /** What people see in `target.chat`, oldest first. For channels that push. */
  seen?(): Promise<readonly SeenMessage[]>;
  /** Makes the next `send` fail the way the platform fails with this kind; `false` where it cannot. */
  failNextSend?(kind: ChannelErrorKind): boolean;
  /** A person writes while a connection may or may not be open. For channels with a connection. */
  write?(text: string): Promise<void>;
  /** The credential is refused from now on. */
  revoke?(): void;
  /** A file a person sent; returns its reference. */
  putFile?(bytes: Uint8Array): Promise<string>;
  /** The next text is delivered, and its reply lost. */
  loseNextReply?(): void;
  close(): Promise<void>;
}

const ERROR_KINDS: readonly ChannelErrorKind[] = [
  'rate-limited',
  'unauthorized',
  'gone',
  'rejected',
  'unreachable',
];

const WAIT_MS = 10_000;
/** For tests that send hundreds of messages, on a machine that does other things too. */
const LONG_TEST_MS = 120_000;

/** Every channel keeps these promises; `open` makes the testbed of one test. */
export function channelContract<Config>(name: string, open: () => Promise<ChannelTestbed<Config>>): void {
  describe(`${name} keeps the contract of a channel`, () => {
    let bed: ChannelTestbed<Config>;
    beforeEach(async () => {
      bed = await open();
    });
    afterEach(() => bed.close());
    const bedNow = (): ChannelTestbed<Config> => bed;
    describesItself(bedNow);
    receivesAnything(bedNow);
    sends(bedNow);
    connects(bedNow);
    carriesFiles(bedNow);
    recovers(bedNow);
  });
}

type Bed<Config> = () => ChannelTestbed<Config>;

function describesItself<Config>(bed: Bed<Config>): void {
  it('names itself and says what it can do', () => {
    const { channel } = bed();
    expect(channel.name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(channel.capabilities.textLimit).toBeGreaterThanOrEqual(100);
    expect(channel.files !== undefined).toBe(channel.capabilities.files);
  });

  it('takes its own config again and refuses what is none', () => {
    const { channel, account } = bed();
    expect(channel.configSchema.parse(account.config)).toEqual(account.config);
    for (const wrong of [null, 'token', 7, [], { unknown_setting: true }]) {
      expect(channel.configSchema.safeParse(wrong).success).toBe(false);
    }
  });
}

function receivesAnything<Config>(bed: Bed<Config>): void {
  it('makes a message of a text and changes nothing in it', () => {
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

  it('makes a command of a line that starts with a slash', (context) => {
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
    'takes every naughty string as it is (skipped without the data set)',
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

function sends<Config>(bed: Bed<Config>): void {
  const send = (text: string, signal = new AbortController().signal) => {
    const { channel, target, account } = bed();
    return channel.send(target, textMessage(text), account, signal);
  };

  it('delivers a text once and returns its id', async (context) => {
    const { seen } = bed();
    if (!seen) return context.skip();
    const receipt = await send('Kami buka pukul 9.');
    expect(await seen()).toEqual([{ messageId: receipt.messageId, text: 'Kami buka pukul 9.' }]);
    expect(Number.isNaN(receipt.sentAt.getTime())).toBe(false);
  });

  it('delivers texts in the order they are sent', async (context) => {
    const { seen } = bed();
    if (!seen) return context.skip();
    for (const text of ['one', 'two', 'three']) await send(text);
    expect((await seen()).map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  it.skipIf(!existsSync(naughtyPath))(
    'delivers every naughty string or says why not (skipped without the data set)',
    { timeout: LONG_TEST_MS },
    async (context) => {
      const { seen } = bed();
      if (!seen) return context.skip();
      let delivered = 0;
      for (const text of naughtyStrings()) {
        const outcome = await send(text).then(() => 'sent', kindOf);
        if (/[^\p{C}\p{Z}]/u.test(text)) expect([text, outcome]).toEqual([text, 'sent']);
        if (outcome === 'sent') delivered++;
      }
      expect((await seen()).length).toBe(delivered);
    },
  );

  it('shows that it is typing where the platform can', async (context) => {
    const { channel, target, account, seen } = bed();
    if (!seen || !channel.capabilities.typing) return context.skip();
    const receipt = await channel.send(target, { type: 'typing' }, account, new AbortController().signal);
    expect(receipt.messageId).toBeUndefined();
    expect(await seen()).toEqual([]);
  });

  it.each(ERROR_KINDS)('reports a send that is %s as such, without the credential', async (kind) => {
    const { failNextSend, secrets } = bed();
    if (!failNextSend?.(kind)) return;
    const error = await send('hello').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ChannelError);
    expect(kindOf(error)).toBe(kind);
    if (kind === 'rate-limited') expect((error as ChannelError).retryAfterMs).toBeGreaterThan(0);
    for (const secret of secrets)
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
  });

  it('gives up a send when it is aborted', async (context) => {
    if (!bed().seen) return context.skip();
    expect(await send('hello', AbortSignal.abort()).then(() => 'sent', kindOf)).toBe('unreachable');
  });

  it('sends a repeated key as it says', async (context) => {
    const { channel, seen } = bed();
    if (!seen || channel.capabilities.repeatedSend !== 'deduplicated') return context.skip();
    await send('once');
    await send('once');
    expect(await seen()).toHaveLength(1);
  });
}

function connects<Config>(bed: Bed<Config>): void {
  it('stores what people write, in order, before and while it is open', async (context) => {
    const { write, channel } = bed();
    if (!write || !channel.connection) return context.skip();
    await write('before');
    const connection = connect(bed());
    await connection.until(() => connection.texts().length === 1);
    await write('while');
    await connection.until(() => connection.texts().length === 2);
    expect(connection.texts()).toEqual(['before', 'while']);
    await connection.stop();
    expect(connection.states.at(-1)?.state).toBe('stopped');
    expect(connection.states.map(({ state }) => state)).toContain('open');
  });

  it('delivers a message until the store takes it', async (context) => {
    const { write, channel } = bed();
    if (!write || !channel.connection) return context.skip();
    const connection = connect(bed(), { refusals: 2 });
    await write('important');
    await connection.until(() => connection.texts().length === 1);
    await connection.stop();
    expect(connection.attempts).toBeGreaterThanOrEqual(3);
    expect(connection.texts()).toEqual(['important']);
  });

  it('does not deliver again what was stored before a restart', async (context) => {
    const { write, channel } = bed();
    if (!write || !channel.connection) return context.skip();
    const first = connect(bed());
    await write('one');
    await first.until(() => first.texts().length === 1);
    await first.stop();
    await write('two');
    const second = connect(bed());
    await second.until(() => second.texts().includes('two'));
    await second.stop();
    expect(second.texts()).toEqual(['two']);
  });

  it('stops for good when the credential is refused, and says so', async (context) => {
    const { revoke, channel } = bed();
    if (!revoke || !channel.connection) return context.skip();
    revoke();
    const connection = connect(bed());
    await expect(connection.ended).rejects.toMatchObject({ name: 'ChannelError', kind: 'unauthorized' });
    expect(connection.states.at(-1)?.state).toBe('blocked');
  });
}

function carriesFiles<Config>(bed: Bed<Config>): void {
  const { signal } = new AbortController();

  it('loads a file that a person sent', async (context) => {
    const { channel, account, putFile } = bed();
    if (!channel.files || !putFile) return context.skip();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const loaded = await channel.files.download(await putFile(bytes), account, bytes.length, signal);
    expect(Buffer.compare(loaded, bytes)).toBe(0);
  });

  it('refuses a file that is larger than asked for', async (context) => {
    const { channel, account, putFile } = bed();
    if (!channel.files || !putFile) return context.skip();
    const download = channel.files.download(await putFile(new Uint8Array(1_001)), account, 1_000, signal);
    expect(await download.then(() => 'loaded', kindOf)).toBe('rejected');
  });
}

function recovers<Config>(bed: Bed<Config>): void {
  const { signal } = new AbortController();

  it('finds a message whose reply was lost, and only then', async (context) => {
    const { channel, account, target, seen, loseNextReply } = bed();
    if (!channel.recovery || !loseNextReply || !seen) return context.skip();
    const first = await channel.send(target, textMessage('first'), account, signal);
    const after = first.messageId ?? '';
    expect(await channel.recovery.findSent(target, after, account, signal)).toBe('not-found');
    loseNextReply();
    expect(
      await channel.send(target, textMessage('second'), account, signal).then(() => 'sent', kindOf),
    ).toBe('unreachable');
    const visible = await seen();
    expect(await channel.recovery.findSent(target, after, account, signal)).toMatchObject({
      messageId: visible.at(-1)?.messageId,
    });
    expect(await seen()).toEqual(visible);
  });
}

/** A connection with a store that may refuse at first, and a record of all it was told. */
function connect<Config>(
  { channel, account }: ChannelTestbed<Config>,
  { refusals = 0 }: { readonly refusals?: number } = {},
) {
  if (!channel.connection) throw new Error('the channel has no connection');
  const aborter = new AbortController();
  const accepted: InboundEvent[] = [];
  const states: ConnectionState[] = [];
  const record = { attempts: 0 };
  const sink: ConnectionSink = {
    menu: [{ name: 'help', description: { en: 'What I can do', id: 'Yang bisa saya bantu' } }],
    accept(event) {
      if (record.attempts++ < refusals) return Promise.reject(new Error('the store is down'));
      accepted.push(event);
      return Promise.resolve();
    },
    discard: () => undefined,
    changed: (state) => void states.push(state),
  };
  const ended = channel.connection.open(account, sink, aborter.signal);
  ended.catch(() => undefined);
  return {
    ended,
    states,
    get attempts() {
      return record.attempts;
    },
    texts: () => accepted.flatMap((event) => (event.type === 'message' ? [textOf(event)] : [])),
    until: (isDone: () => boolean) => waitUntil(isDone),
    async stop() {
      aborter.abort();
      await ended;
    },
  };
}

/** Polls a condition; fails the test when it does not come true. */
export async function waitUntil(
  isDone: () => boolean | Promise<boolean>,
  timeoutMs = WAIT_MS,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function textOf(event: Extract<InboundEvent, { type: 'message' }>): string {
  return event.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function textMessage(text: string): OutboundMessage {
  return { type: 'text', key: `turn_1:${text.slice(0, 40)}`, text };
}

function kindOf(error: unknown): ChannelErrorKind | 'not a ChannelError' {
  return error instanceof ChannelError ? error.kind : 'not a ChannelError';
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

const naughtyPath = join(projectRoot, '../shared/data/hostile/blns.json');

function naughtyStrings(): readonly string[] {
  const strings: unknown = JSON.parse(readFileSync(naughtyPath, 'utf8'));
  return strings as string[];
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

/** The raw update with one value, counted through the whole tree, replaced by another. */
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
