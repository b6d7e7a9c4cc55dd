import { expect, it } from 'vitest';
import type { ConnectionSink, ConnectionState, InboundEvent } from '../../../src/contracts/channel.js';
import { createMemoryState } from '../../fakes/memory-state.js';
import { waitUntil } from '../../support/wait.js';
import type { Bed, ChannelTestbed } from './testbed.js';

/** Tests that a connection stores what people write. */
export function connects<Config>(bed: Bed<Config>): void {
  it('stores what people write before and while it is open, in order', async (context) => {
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

  it('delivers a message again until the store accepts it', async (context) => {
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

  it('stops for good if the credential is refused, and reports it', async (context) => {
    const { revoke, channel } = bed();
    if (!revoke || !channel.connection) return context.skip();
    revoke();
    const connection = connect(bed());
    await expect(connection.ended).rejects.toMatchObject({ name: 'ChannelError', kind: 'unauthorized' });
    expect(connection.states.at(-1)?.state).toBe('blocked');
  });
}

/** Opens a connection whose sink may reject the first events, and records everything reported to it. */
function connect<Config>(
  { channel, account, state = createMemoryState() }: ChannelTestbed<Config>,
  { refusals = 0 }: { readonly refusals?: number } = {},
) {
  if (!channel.connection) throw new Error('the channel has no connection');
  const aborter = new AbortController();
  const accepted: InboundEvent[] = [];
  const states: ConnectionState[] = [];
  const record = { attempts: 0 };
  const sink: ConnectionSink = {
    state,
    menu: [
      {
        name: 'help',
        audience: 'everyone',
        description: { en: 'What I can do', id: 'Yang bisa saya bantu' },
        options: [],
        subcommands: [],
      },
    ],
    suggest: () => Promise.resolve([]),
    staff: () => Promise.resolve([]),
    samePerson: () => Promise.resolve(true),
    isOurs: () => Promise.resolve(true),
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
    until: waitUntil,
    async stop() {
      aborter.abort();
      await ended;
    },
  };
}

function textOf(event: Extract<InboundEvent, { type: 'message' }>): string {
  return event.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
