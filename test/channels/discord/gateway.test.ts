import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InboundEvent } from '../../../src/contracts/channel.js';
import { createMemoryState } from '../../fakes/memory-state.js';
import { runConnection } from '../../support/run-connection.js';
import { pause, waitUntil } from '../../support/wait.js';
import { discordTestbed, TOKEN, type DiscordTestbed } from './testbed.js';

describe('the Discord gateway', () => {
  let bed: DiscordTestbed;
  let connection: ReturnType<typeof runConnection>;
  beforeEach(async () => {
    bed = await discordTestbed();
  });
  afterEach(async () => {
    await connection.stop().catch(() => undefined);
    await bed.close();
  });

  async function open(
    accept?: (event: InboundEvent) => Promise<void>,
    options?: Parameters<typeof runConnection>[2],
  ): Promise<typeof connection> {
    connection = runConnection(bed, accept, options);
    await waitUntil(connection.isOpen);
    return connection;
  }
  const textsOf = (): string[] =>
    connection.accepted.flatMap((event) =>
      event.type === 'message' && event.addressed
        ? event.parts.map((part) => (part.type === 'text' ? part.text : part.type))
        : [],
    );

  it.each([
    ['a broken connection', () => bed.app.gateway.cutAll()],
    ['a resumable close', () => bed.app.gateway.closeAll(4000)],
    ['a reconnect request', () => bed.app.gateway.operate(7)],
  ])('resumes after %s and stores what it missed exactly once', async (_, disturb) => {
    await open();
    bed.alice.mentions(bed.app, bed.general, 'before');
    await waitUntil(() => textsOf().length === 1);
    disturb();
    await waitUntil(() => !bed.app.gateway.isConnected);
    bed.alice.mentions(bed.app, bed.general, 'meanwhile');
    bed.alice.writes(bed.dm, 'and in private');
    await waitUntil(() => textsOf().length === 3);
    expect(textsOf()).toEqual(['before', 'meanwhile', 'and in private']);
    expect(bed.app.journal.commands(2)).toHaveLength(1);
    await waitUntil(connection.isOpen);
  });

  it('resumes after a restart from the last point where everything was stored', async () => {
    await open();
    bed.alice.writes(bed.dm, 'one');
    await waitUntil(() => textsOf().length === 1);
    await connection.stop();
    for (let n = 0; n < 30; n++) bed.alice.writes(bed.dm, `missed ${n}`);
    await open();
    await waitUntil(() => textsOf().length === 30);
    expect(textsOf()).toEqual(Array.from({ length: 30 }, (_, n) => `missed ${n}`));
    expect([bed.app.journal.commands(2).length, bed.app.journal.commands(6).length]).toEqual([1, 1]);
  });

  it('redelivers after a restart what was not stored before', async () => {
    await open(({ type }) =>
      type === 'message' ? Promise.reject(new Error('store down')) : Promise.resolve(),
    );
    bed.alice.writes(bed.dm, 'important');
    await waitUntil(() => connection.states.some(({ state }) => state === 'backing-off'));
    await connection.stop();
    await open();
    await waitUntil(() => textsOf().length === 1);
    expect(textsOf()).toEqual(['important']);
  });

  it('fetches by REST what an invalid session lost, a mention and a private message, each once', async () => {
    await open();
    bed.alice.writes(bed.dm, 'hello');
    bed.alice.mentions(bed.app, bed.general, 'hello all');
    await waitUntil(() => textsOf().length === 2);
    await pause(50);
    await connection.stop();
    bed.app.gateway.forgetSessions();
    bed.discord.world.advance(180_000);
    bed.alice.writes(bed.dm, 'are you there?', { unheard: true });
    bed.alice.writes(bed.general, 'not for you', { unheard: true });
    bed.alice.mentions(bed.app, bed.general, 'anyone?', { unheard: true });
    await open();
    await waitUntil(() => textsOf().length === 2);
    bed.alice.writes(bed.dm, 'finally');
    await waitUntil(() => textsOf().length === 3);
    expect(textsOf().sort()).toEqual(['anyone?', 'are you there?', 'finally']);
    const kept = connection.accepted.map(({ wasKept }) => wasKept === true);
    expect(kept.indexOf(false), 'what was fetched is known as such, what comes now is not').toBe(
      kept.length - 1,
    );
    const groups = new Set(connection.accepted.map(({ eventId }) => eventId));
    expect(groups.size).toBe(connection.accepted.length);
    expect(bed.app.journal.commands(2)).toHaveLength(2);
    expect(connection.accepted.find(({ chat }) => chat.kind === 'group')?.workspaceId).toBe(bed.guild.id);
  });

  it('abandons a dead connection whose heartbeats are not acknowledged', async () => {
    await bed.close();
    bed = await discordTestbed({ heartbeatMs: 150 });
    await open();
    bed.app.gateway.isDeaf = true;
    await waitUntil(() => bed.app.journal.commands(6).length > 0, 5_000);
    bed.app.gateway.isDeaf = false;
    bed.alice.writes(bed.dm, 'alive again?');
    await waitUntil(() => textsOf().length === 1);
  });

  it('connects all shards that Discord recommends, and receives each guild once', async () => {
    await bed.close();
    bed = await discordTestbed({ shards: 3 });
    const guilds = Array.from({ length: 6 }, (_, n) => bed.discord.world.guild(`Guild ${n}`, bed.app));
    await open();
    await waitUntil(() => bed.app.gateway.sessions.size === 3);
    await pause(50);
    for (const guild of guilds) {
      bed.alice.mentions(bed.app, bed.discord.world.textChannel(guild, 'general'), guild.name);
    }
    await waitUntil(() => textsOf().length === 6);
    expect(textsOf().sort()).toEqual(guilds.map(({ name }) => name));
    expect(new Set(connection.accepted.map(({ workspaceId }) => workspaceId)).size).toBe(6);
  });

  it('is blocked by a refused token after presenting it once', async () => {
    bed.app.faults.add('IDENTIFY /', { status: 4004 });
    connection = runConnection(bed);
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(connection.states.at(-1)).toMatchObject({ state: 'blocked' });
    await pause(700);
    expect(bed.app.journal.commands(2)).toHaveLength(1);
    expect(JSON.stringify([bed.logged, connection.states])).not.toContain(TOKEN);
  });

  it('causes at most five refused calls after a token is revoked, whatever is tried', async () => {
    await open();
    bed.app.isRevoked = true;
    bed.app.gateway.closeAll(4000);
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
    for (let n = 0; n < 20; n++) {
      await bed.channel
        .send(bed.target, { type: 'typing' }, bed.account, new AbortController().signal)
        .catch(() => undefined);
    }
    expect(bed.app.journal.invalidRequests).toBeLessThanOrEqual(5);
  });

  it('works without the Message Content intent for mentions and private chats, and says so', async () => {
    bed.app.messageContent = false;
    await open();
    expect(connection.states.at(-1)).toMatchObject({
      state: 'open',
      reason: expect.stringContaining('Message Content intent is off') as string,
    });
    bed.alice.writes(bed.general, 'nobody hears this');
    bed.alice.mentions(bed.app, bed.general, 'but this');
    bed.alice.writes(bed.dm, 'and this');
    await waitUntil(() => textsOf().length === 2);
    expect(textsOf().sort()).toEqual(['and this', 'but this']);
    expect(connection.accepted).toHaveLength(2);
  });

  it('drops a disallowed intent after one refusal (4014)', async () => {
    bed.app.faults.add('IDENTIFY /', { status: 4014 });
    await open();
    expect(connection.states.at(-1)).toMatchObject({
      reason: expect.stringContaining('Message Content intent is off') as string,
    });
    expect(bed.app.journal.commands(2)).toHaveLength(2);
  });

  it('is blocked if even unprivileged intents are disallowed', async () => {
    bed.app.faults.add('IDENTIFY /', { status: 4014 }, { status: 4014 });
    connection = runConnection(bed);
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(connection.states.at(-1)).toMatchObject({
      state: 'blocked',
      reason: expect.stringContaining('4014') as string,
    });
  });

  it('reports missing permission if message contents arrive empty even so', async () => {
    await open();
    bed.alice.writes(bed.general, '');
    await waitUntil(() => 'reason' in (connection.states.at(-1) ?? {}));
    expect(connection.accepted).toEqual([]);
    expect(connection.discarded.map(({ type }) => type)).toEqual(['ignored']);
  });

  it('skips unknown and malformed events and Discord’s own system messages', async () => {
    await open();
    bed.app.gateway.tellAll('HOLOGRAM_CREATE', { id: '1' });
    bed.app.gateway.tellAll('MESSAGE_CREATE', { id: 7, content: ['no'] });
    bed.app.gateway.tellAll('MESSAGE_CREATE', null);
    bed.app.gateway.operate(99, { what: true });
    bed.alice.writes(bed.general, 'a thread', { extra: { type: 18 } });
    bed.alice.writes(bed.dm, 'fine');
    await waitUntil(() => textsOf().length === 1);
    expect(connection.accepted).toHaveLength(1);
  });

  it('passes a repeated event on with the same id', async () => {
    await open();
    bed.alice.writes(bed.dm, 'once');
    await waitUntil(() => textsOf().length === 1);
    bed.app.gateway.repeat('MESSAGE_CREATE');
    await waitUntil(() => textsOf().length === 2);
    expect(new Set(connection.accepted.map(({ eventId }) => eventId)).size).toBe(1);
  });

  it('recognises a reply to the bot even if Discord omits the original message', async () => {
    await open();
    const { signal } = new AbortController();
    const group = { chat: { chatId: bed.general.id, kind: 'group' } } as const;
    const text = { type: 'text', key: 'k', text: 'Can I help?' } as const;
    const { messageId = '' } = await bed.channel.send(group, text, bed.account, signal);
    const ours = bed.discord.world.messages.get(messageId);
    if (ours === undefined) throw new Error('nothing was sent');
    bed.alice.writes(bed.general, 'yes please', { replyTo: ours, withoutReferenced: true });
    await waitUntil(() => textsOf().length === 1);
    expect(connection.accepted.at(-1)).toMatchObject({
      addressed: true,
      replyToMessageId: messageId,
      quoted: { from: 'bot' },
    });
  });

  it('answers the author of a forum post without a mention, and others only with one', async () => {
    const forum = bed.discord.world.forum(bed.guild, 'help');
    await open();
    const post = bed.alice.posts(forum, 'My parcel', 'Where is it?');
    const budi = bed.discord.world.member('budi');
    budi.writes(post, 'I wonder too');
    budi.mentions(bed.app, post, 'do you know?');
    bed.alice.writes(post, 'still nothing');
    await waitUntil(() => textsOf().length === 3);
    expect(textsOf()).toEqual(['Where is it?', 'do you know?', 'still nothing']);
    expect(connection.accepted.every(({ chat }) => chat.chatId === post.id)).toBe(true);
  });

  it('is addressed by every message in a thread it opened', async () => {
    await open();
    const { signal } = new AbortController();
    const parent = { chatId: bed.general.id, kind: 'group' } as const;
    // Longer than Discord accepts; a cut by length alone would split a character.
    const title = `WhatsApp: Budi ${'👋'.repeat(60)}`;
    const thread = await bed.channel.threads?.open(parent, title, bed.account, signal);
    const opened = bed.discord.world.channels.get(thread?.chatId ?? '');
    if (thread === undefined || opened === undefined) throw new Error('no thread');
    bed.alice.writes(opened, 'I take this one');
    await waitUntil(() => textsOf().length === 1);
    await bed.channel.threads?.close(thread, bed.account, signal);
    expect(opened.archived).toBe(true);
  });

  it('serves several businesses with one bot, each with its own guilds and no others', async () => {
    const other = bed.discord.world.guild('Another shop', bed.app);
    const theirs = bed.discord.world.textChannel(other, 'general');
    bed = { ...bed, account: { ...bed.account, config: { ...bed.account.config, guilds: [bed.guild.id] } } };
    const isOurs = ({ workspaceId }: InboundEvent) => Promise.resolve(workspaceId !== undefined);
    connection = runConnection(bed, undefined, { isOurs });
    await waitUntil(connection.isOpen);
    bed.alice.mentions(bed.app, theirs, 'not ours');
    bed.alice.writes(bed.dm, 'nobody’s');
    const foreign = bed.alice.runs(bed.app, theirs, 'help');
    bed.alice.mentions(bed.app, bed.general, 'ours');
    const own = bed.alice.runs(bed.app, bed.general, 'help');
    await waitUntil(() => connection.accepted.length === 2 && own.answered === 5);
    expect(textsOf()).toEqual(['ours']);
    expect(connection.accepted.every(({ workspaceId }) => workspaceId === bed.guild.id)).toBe(true);
    expect(foreign.answered).toBeUndefined();
  });

  it('starts the sessions of two accounts with one bot one after the other', async () => {
    await bed.close();
    bed = await discordTestbed({ identifies: { limit: 1, windowMs: 2_000 } });
    await open();
    const other = runConnection({ ...bed, state: createMemoryState() });
    await waitUntil(other.isOpen, 20_000);
    await other.stop();
    expect(bed.app.gateway.identifies).toHaveLength(2);
  });

  it('survives a dozen reconnects, hears the last message and leaks no handles', async () => {
    await open();
    const handleCount = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate').length;
    const reconnect = async (): Promise<void> => {
      const before = bed.app.journal.commands(6).length;
      bed.app.gateway.operate(7);
      await waitUntil(() => bed.app.journal.commands(6).length > before && bed.app.gateway.isConnected);
    };
    await reconnect();
    const first = handleCount();
    for (let n = 1; n < 12; n++) await reconnect();
    bed.alice.mentions(bed.app, bed.general, 'still there?');
    await waitUntil(() => textsOf().length === 1);
    expect(handleCount()).toBeLessThan(first + 6);
  });

  it('reports people’s edits, deletions and reactions', async () => {
    await open();
    const { signal } = new AbortController();
    const message = bed.alice.writes(bed.dm, 'waht');
    await waitUntil(() => textsOf().length === 1);
    bed.alice.edits(message, 'what');
    bed.alice.deletes(message);
    const text = { type: 'text', key: 'k', text: 'Hi' } as const;
    const { messageId = '' } = await bed.channel.send(bed.target, text, bed.account, signal);
    const ours = bed.discord.world.messages.get(messageId);
    if (ours !== undefined) bed.alice.reacts(ours, '👍');
    await waitUntil(() => connection.accepted.length === 4);
    expect(connection.accepted.slice(1)).toMatchObject([
      { type: 'edit', messageId: message.id, parts: [{ text: 'what' }] },
      { type: 'delete', messageId: message.id, sender: { id: bed.alice.user.id } },
      { type: 'reaction', messageId, emoji: '👍' },
    ]);
  });

  it('reconnects with growing delays while Discord is unreachable', async () => {
    await open();
    const down = { status: 502 } as const;
    bed.app.faults.add('GET /gateway/bot', down, down);
    bed.app.faults.add('GET /applications/@me', down, down, down);
    await connection.stop();
    bed.waits.length = 0;
    await open();
    expect(bed.waits.slice(0, 3).every((ms) => ms >= 250)).toBe(true);
  });

  it('stops at once even if it is stopped before it has loaded its state', async () => {
    let load = (): void => undefined;
    const isLoading = new Promise<void>((begun) => {
      const { keys } = bed.state;
      const state = {
        ...bed.state,
        keys: async (prefix: string) => {
          begun();
          await new Promise<void>((resolve) => (load = resolve));
          return keys(prefix);
        },
      };
      connection = runConnection({ ...bed, state });
    });
    await isLoading;
    connection.aborter.abort();
    load();
    await connection.ended;
    expect(connection.states.at(-1)).toEqual({ state: 'stopped' });
    expect(bed.app.journal.commands(2)).toEqual([]);
  });

  it('leaks no listeners after attempts that reached no gateway', async () => {
    const listeners = (): number => getEventListeners(connection.aborter.signal, 'abort').length;
    await open();
    const usual = listeners();
    await connection.stop();
    for (let n = 0; n < 8; n++) bed.app.faults.add('GET /gateway/bot', { status: 502 });
    await open();
    expect(connection.states.some(({ state }) => state === 'backing-off')).toBe(true);
    expect(listeners()).toBe(usual);
  });

  it('starts no session if nearly all of the daily limit is used', async () => {
    for (let n = 0; n < 950; n++) bed.app.gateway.identifies.push(0);
    connection = runConnection(bed);
    await waitUntil(() => connection.states.some(({ state }) => state === 'backing-off'));
    expect(connection.states.at(-1)).toMatchObject({ reason: expect.stringContaining('sessions') as string });
    expect(bed.app.journal.commands(2)).toEqual([]);
    connection.aborter.abort();
  });
});
