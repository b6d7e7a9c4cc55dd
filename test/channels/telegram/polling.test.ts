import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.js';
import { runConnection as run } from '../../support/run-connection.js';
import { telegramTestbed, PERSON, TOKEN, type TelegramTestbed } from './testbed.js';

describe('long polling', () => {
  let bed: TelegramTestbed;
  beforeEach(async () => {
    bed = await telegramTestbed();
  });
  afterEach(() => bed.close());
  const person = () => bed.bot.user(PERSON);

  it('introduces itself, keeps waiting updates, and publishes the menu in each language', async () => {
    bed.bot.webhook.set({ url: 'https://old.example.com' });
    person().sends('written before');
    const connection = run(bed);
    await waitUntil(() => connection.accepted.length === 1);
    await connection.stop();
    expect(bed.bot.webhook.url).toBe('');
    expect(Object.fromEntries(bed.bot.menus)).toEqual({
      '': [
        { command: 'help', description: 'What I can do' },
        { command: 'language', description: 'Language' },
      ],
      id: [
        { command: 'help', description: 'Yang bisa saya bantu' },
        { command: 'language', description: 'Bahasa' },
      ],
    });
    expect(connection.states.map(({ state }) => state)).toEqual(['connecting', 'open', 'stopped']);
  });

  it('shows staff commands to staff alone', async () => {
    const connection = run(bed, undefined, { staff: () => Promise.resolve([String(PERSON)]) });
    const menuOf = (key: string): string[] =>
      (bed.bot.menus.get(key) ?? []).map((entry) => (entry as { command: string }).command);
    await waitUntil(() => bed.bot.menus.has(`${PERSON}:id`));
    await connection.stop();
    expect(menuOf(`${PERSON}:`)).toEqual(['help', 'language', 'teach']);
    expect(menuOf('id')).toEqual(['help', 'language']);
    expect([...bed.bot.menus.keys()].sort()).toEqual(['', `${PERSON}:`, `${PERSON}:id`, 'id']);
  });

  it('learns the name of the bot, so that a mention in a group counts', async () => {
    const connection = run(bed);
    await waitUntil(connection.isOpen);
    bed.bot.user(PERSON, -100).sends(`halo @${bed.bot.me.username}`);
    await waitUntil(() => connection.accepted.length === 1);
    await connection.stop();
    expect(connection.accepted[0]).toMatchObject({ addressed: true });
  });

  it('confirms an update only after it is stored', async () => {
    let release = (): void => undefined;
    const stored = new Promise<void>((resolve) => (release = resolve));
    const connection = run(bed, () => stored);
    const before = bed.bot.updates.unconfirmed.length;
    person().sends('keep me');
    await waitUntil(() => bed.bot.updates.offsets.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bed.bot.updates.unconfirmed).toHaveLength(before + 1);
    expect(Math.max(...bed.bot.updates.offsets)).toBe(0);
    release();
    await waitUntil(() => bed.bot.updates.unconfirmed.length === 0);
    await connection.stop();
  });

  it('holds the offset while the store is down, and loses nothing', async () => {
    let isDown = true;
    const connection = run(bed, () => (isDown ? Promise.reject(new Error('store down')) : Promise.resolve()));
    for (const text of ['a', 'b', 'c']) person().sends(text);
    await waitUntil(() => connection.states.some(({ state }) => state === 'backing-off'));
    expect(bed.bot.updates.unconfirmed).toHaveLength(3);
    isDown = false;
    await waitUntil(() => connection.accepted.length === 3);
    await waitUntil(connection.isOpen);
    await connection.stop();
    expect(connection.accepted.map(({ sequence }) => sequence)).toEqual([1_000, 1_001, 1_002]);
  });

  it('confirms only what was stored if it is stopped while the store is down', async () => {
    const connection = run(bed, (event) =>
      event.sequence === 1_000 ? Promise.resolve() : Promise.reject(new Error('store down')),
    );
    for (const text of ['a', 'b', 'c']) person().sends(text);
    await waitUntil(() => connection.states.some(({ state }) => state === 'backing-off'));
    await connection.stop();
    expect(bed.bot.updates.unconfirmed.map(({ update_id }) => update_id)).toEqual([1_001, 1_002]);
  });

  it('stores and confirms a fetched batch if it is stopped midway', async () => {
    for (let index = 0; index < 20; index++) person().sends(`message ${index}`);
    const connection = run(bed, () => new Promise((resolve) => setTimeout(resolve, 5)));
    await waitUntil(() => connection.accepted.length > 2);
    await connection.stop();
    expect(connection.accepted).toHaveLength(20);
    expect(bed.bot.updates.unconfirmed).toEqual([]);
  });

  it('drains more updates than fit into one batch, in order', async () => {
    for (let index = 0; index < 350; index++) person().sends(`message ${index}`);
    const connection = run(bed);
    await waitUntil(() => connection.accepted.length === 350);
    person().sends('now');
    await waitUntil(() => connection.accepted.length === 351);
    await connection.stop();
    const kept = connection.accepted.map(({ wasKept }) => wasKept === true);
    expect(kept.lastIndexOf(true), 'what waited is known as such, what comes now is not').toBe(349);
    const sequences = connection.accepted.slice(0, 350).map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(350);
  });

  it('skips malformed and unknown updates', async () => {
    const connection = run(bed);
    bed.bot.updates.push({ message: { message_id: 'x', text: ['no'] } });
    bed.bot.updates.push({ hologram: {} });
    person().sends('fine');
    await waitUntil(() => connection.accepted.length === 1);
    await waitUntil(() => bed.bot.updates.unconfirmed.length === 0);
    await connection.stop();
    expect(connection.discarded.map(({ type }) => type)).toEqual(['rejected', 'ignored']);
  });

  it('does not spin if a response contains no usable id', async () => {
    const broken = '{"ok":true,"result":[{"update_id":"abc"}]}';
    bed.bot.faults.add('getUpdates', { body: broken }, { body: '{"ok":true,"result":7}' }, { body: broken });
    const connection = run(bed);
    person().sends('fine');
    await waitUntil(() => connection.accepted.length === 1);
    await connection.stop();
    expect(bed.waits.length).toBeGreaterThanOrEqual(2);
  });

  it('passes a repeated update on with the same id', async () => {
    person().sends('once');
    const [update] = bed.bot.updates.unconfirmed;
    if (!update) throw new Error('nothing was sent');
    bed.bot.updates.deliver(update);
    const connection = run(bed);
    await waitUntil(() => connection.accepted.length === 2);
    await connection.stop();
    expect(new Set(connection.accepted.map(({ eventId }) => eventId)).size).toBe(1);
  });

  it('survives a rival poller and resumes when it is gone', async () => {
    const connection = run(bed);
    await waitUntil(connection.isOpen);
    await waitUntil(() => bed.bot.updates.offsets.length >= 2);
    await fetch(`${bed.telegram.apiRoot}/bot${TOKEN}/getUpdates`);
    await waitUntil(() => connection.states.some(({ state }) => state === 'backing-off'));
    expect(connection.states.find(({ state }) => state === 'backing-off')).toMatchObject({
      reason: expect.stringContaining('409') as string,
    });
    await waitUntil(connection.isOpen);
    person().sends('still here?');
    await waitUntil(() => connection.accepted.length === 1);
    await connection.stop();
  });

  it('presents a revoked token once, then stops and reports it', async () => {
    bed.bot.isRevoked = true;
    const connection = run(bed);
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(bed.bot.journal.calls).toHaveLength(1);
    expect(connection.states.at(-1)).toMatchObject({ state: 'blocked' });
  });

  it('stops when the token is revoked during a poll', async () => {
    const connection = run(bed);
    await waitUntil(connection.isOpen);
    bed.bot.isRevoked = true;
    person().sends('wakes the poll');
    await expect(connection.ended).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it.each([
    ['a server error', { status: 500 }],
    ['an HTML reply from a proxy', { body: '<html>502</html>' }],
    ['a dropped connection', { drop: 'before' }],
  ] as const)('recovers after %s with growing delays', async (_, fault) => {
    bed.bot.faults.add('getMe', fault, fault);
    bed.bot.faults.add('getUpdates', fault, fault, fault);
    const connection = run(bed);
    person().sends('hello');
    await waitUntil(() => connection.accepted.length === 1);
    await connection.stop();
    const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = bed.waits;
    expect([first, second, third, fourth, fifth].every((wait) => wait >= 250)).toBe(true);
    expect(fifth).toBeGreaterThan(third);
  });

  it('logs an error if the trouble lasts longer than two minutes', async () => {
    bed.bot.faults.add('getUpdates', ...Array.from({ length: 14 }, () => ({ status: 500 })));
    const connection = run(bed);
    person().sends('hello');
    await waitUntil(() => connection.accepted.length === 1);
    await connection.stop();
    const levels = bed.logged.map((line) => line.split(':')[0]);
    expect(levels[0]).toBe('warn');
    expect(levels.at(-1)).toBe('error');
    expect(Math.max(...bed.waits)).toBeLessThanOrEqual(30_000);
  });

  it('does not let one chat that cannot be stored delay the others', async () => {
    let isBroken = true;
    const connection = run(bed, ({ chat }) =>
      isBroken && chat.chatId === String(PERSON) ? Promise.reject(new Error('conflict')) : Promise.resolve(),
    );
    person().sends('one');
    bed.bot.user(PERSON + 1).sends('other');
    person().sends('two');
    await waitUntil(() => connection.accepted.length === 1);
    isBroken = false;
    await waitUntil(() => connection.accepted.length === 3);
    await connection.stop();
    expect(connection.accepted.map(({ sequence }) => sequence)).toEqual([1_001, 1_000, 1_002]);
  });

  it('never logs or reports the token', async () => {
    bed.bot.faults.add('getMe', { drop: 'before' }, { status: 500 }, { body: 'no' });
    const connection = run(bed);
    await waitUntil(connection.isOpen);
    await connection.stop();
    expect(bed.logged.length).toBeGreaterThan(0);
    expect(JSON.stringify([bed.logged, connection.states])).not.toContain(TOKEN.split(':')[1]);
  });

  it('stops at once while it waits for an update', async () => {
    const connection = run(bed);
    await waitUntil(() => bed.bot.updates.offsets.length >= 2);
    await connection.stop();
    expect(connection.states.at(-1)).toEqual({ state: 'stopped' });
  });

  it('stops at once while Telegram is unreachable', async () => {
    await bed.telegram.close();
    const connection = run(bed);
    await waitUntil(() => connection.states.some(({ state }) => state === 'backing-off'));
    await connection.stop();
  });

  it('works without a menu if Telegram refuses it', async () => {
    bed.bot.faults.add('setMyCommands', { status: 400, description: 'Bad Request: BOT_COMMAND_INVALID' });
    const connection = run(bed);
    person().sends('hello');
    await waitUntil(() => connection.accepted.length === 1);
    await connection.stop();
  });
});

describe('rate-limited long polling', () => {
  it('makes no call while Telegram asks it to wait', async () => {
    const bed = await telegramTestbed({ longestWaitMs: 60_000 });
    try {
      bed.bot.faults.add('getUpdates', { status: 429, retryAfter: 1 });
      bed.bot.user(PERSON).sends('hello');
      const connection = run(bed);
      await waitUntil(() => connection.accepted.length === 1);
      await connection.stop();
      expect(bed.waits).toContain(1_000);
      expect(bed.bot.journal.violations).toEqual([]);
    } finally {
      await bed.close();
    }
  });
});
