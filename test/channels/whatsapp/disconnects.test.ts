import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.js';
import { createMemoryState } from '../../fakes/memory-state.js';
import type { RunningConnection } from './run-connection.js';
import { openWhatsApp, type WhatsAppBed } from './testbed.js';

describe('a closed WhatsApp connection', () => {
  let bed: WhatsAppBed;
  let connection: RunningConnection;
  beforeAll(async () => {
    bed = await openWhatsApp();
    await bed.pair();
  });
  afterEach(() => connection.stop().catch(() => undefined));
  afterAll(() => bed.close());

  const open = async (): Promise<RunningConnection> => {
    connection = bed.run();
    await connection.untilOpen();
    return connection;
  };
  const logins = (): number => bed.whatsapp.journal.logins.length;

  it.each(['503', '428', '500', '408'])(
    'is reopened after a wait following %s, with the same keys',
    async (code) => {
      await open();
      const before = logins();
      bed.phone.endsStreams(code);
      await waitUntil(() => connection.states.some(({ state }) => state === 'backing-off'));
      const waiting = connection.states.find(({ state }) => state === 'backing-off');
      expect(waiting).toMatchObject({ reason: expect.stringContaining(code) as string });
      await connection.untilOpen();
      expect(bed.whatsapp.journal.logins.slice(before).map(({ kind }) => kind)).toEqual(['login']);
    },
  );

  it('is reopened after a wait if the network connection broke', async () => {
    await open();
    bed.phone.dropsConnections();
    await connection.untilState('backing-off');
    await connection.untilOpen();
  });

  it('keeps its keys if a proxy refuses the connection with 401', async () => {
    const before = await bed.state.read(['credentials']);
    bed.whatsapp.refusesUpgrades(401);
    connection = bed.run();
    await connection.untilState('backing-off');
    bed.whatsapp.refusesUpgrades(undefined);
    await connection.untilOpen();
    expect(await bed.state.keys('key/')).not.toEqual([]);
    expect(before.size).toBe(1);
    expect(connection.states.map(({ state }) => state)).not.toContain('needs-pairing');
  });

  it('is reopened at once after 515', async () => {
    await open();
    const states = connection.states.length;
    bed.phone.endsStreams('515');
    await waitUntil(() => connection.states.length >= states + 2);
    await connection.untilOpen();
    expect(connection.states.slice(states).map(({ state }) => state)).toEqual(['connecting', 'open']);
  });

  it('yields for good to another session (440), and the owner is told', async () => {
    await open();
    const before = logins();
    for (const { connection: socket } of bed.phone.companions.values()) {
      socket?.endWith({
        tag: 'stream:error',
        attrs: {},
        content: [{ tag: 'conflict', attrs: { type: 'replaced' } }],
      });
    }
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(connection.last()).toMatchObject({
      state: 'blocked',
      reason: expect.stringContaining('another session') as string,
    });
    expect(logins()).toBe(before);
  });

  it('stays closed if the number is banned (403), and keeps its keys', async () => {
    const keys = await bed.state.keys('');
    bed.whatsapp.faults.onLogin('403');
    connection = bed.run();
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(connection.last()).toMatchObject({
      state: 'blocked',
      reason: expect.stringContaining('403') as string,
    });
    expect(await bed.state.keys('')).toEqual(expect.arrayContaining([...keys]));
  });

  it.each(['406', '411'])(
    'stays closed if only a person can help (%s), says so, and keeps its keys',
    async (code) => {
      const before = await bed.state.read(['credentials']);
      bed.whatsapp.faults.onLogin(code);
      connection = bed.run();
      await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
      expect(connection.last()).toMatchObject({
        state: 'blocked',
        reason: expect.stringContaining(code) as string,
      });
      expect(await bed.state.read(['credentials'])).toEqual(before);
    },
  );

  it.each([
    ['the number is temporarily banned', '402'],
    ['the version is refused', '405'],
    ['the version is refused', '409'],
  ])('waits long if %s (%s), says so, and keeps its keys', async (_, code) => {
    const before = await bed.state.read(['credentials']);
    bed.whatsapp.faults.onLogin(code);
    connection = bed.run();
    await connection.untilState('backing-off');
    const last = connection.last();
    expect(last).toMatchObject({ reason: expect.stringContaining(code) as string });
    const until = last?.state === 'backing-off' ? last.until.getTime() : 0;
    expect(until - Date.now()).toBeGreaterThan(5 * 60_000);
    expect(await bed.state.read(['credentials'])).toEqual(before);
  });

  it('is refused for a while and reopens by itself', async () => {
    bed.whatsapp.faults.onLogin('503', '428');
    connection = bed.run();
    await connection.untilOpen();
    expect(connection.states.filter(({ state }) => state === 'backing-off')).toHaveLength(2);
  });

  it('ends silently if another of our processes now holds the account', async () => {
    const { channel, account } = bed;
    const state = createMemoryState();
    await bed.pair(state);
    let isLost = false;
    const { runConnection } = await import('./run-connection.js');
    const { StoreError } = await import('../../../src/contracts/stores.js');
    connection = runConnection({
      channel,
      account,
      state: {
        ...state,
        write: (changes) =>
          isLost ? Promise.reject(new StoreError('conflict', 'another process')) : state.write(changes),
      },
    });
    await connection.untilOpen();
    isLost = true;
    bed.phone.companions.get(2)?.connection?.endWith({
      tag: 'stream:error',
      attrs: {},
      content: [{ tag: 'conflict', attrs: { type: 'replaced' } }],
    });
    await expect(connection.ended).rejects.not.toMatchObject({ kind: 'unauthorized' });
    expect(connection.states.map(({ state: name }) => name)).not.toContain('blocked');
  });
});
