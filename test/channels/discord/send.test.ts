import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../../src/contracts/channel.js';
import { createDiscordClient } from '../../../channels/discord/client.js';
import { InvalidRequests } from '../../../channels/discord/limits.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { kindOf } from '../../contracts/channel/testbed.js';
import { pause, waitUntil } from '../../support/wait.js';
import { discordTestbed, type DiscordTestbed } from './testbed.js';
import { LocalWaits } from '../../../src/lib/work/local-waits.js';

describe('sending to Discord', () => {
  let bed: DiscordTestbed;
  const { signal } = new AbortController();
  beforeEach(async () => {
    bed = await discordTestbed();
  });
  afterEach(() => bed.close());

  const inGeneral = () => ({ chat: { chatId: bed.general.id, kind: 'group' } }) as const;
  const send = (message: OutboundMessage, target: Parameters<typeof bed.channel.send>[0] = inGeneral()) =>
    bed.channel.send(target, message, bed.account, signal);
  const text = (content: string, key = content): OutboundMessage => ({ type: 'text', key, text: content });

  it('notifies nobody’s device, whatever the text says', async () => {
    const { id } = bed.alice.user;
    const replyTo = bed.alice.writes(bed.general, 'hi');
    for (const content of ['@everyone', '@here', `<@${id}>`, `<@&${bed.guild.id}>`, `<@!${id}> hello`]) {
      await send(text(content), { ...inGeneral(), replyToMessageId: replyTo.id });
    }
    expect(bed.app.journal.texts(bed.general.id)).toHaveLength(5);
    expect(bed.app.journal.pings).toEqual([]);
    const bodies = bed.app.journal.callsTo('POST', /messages$/).map(({ body }) => body);
    expect(
      bodies.every(
        (body) => JSON.stringify(body['allowed_mentions']) === '{"parse":[],"replied_user":false}',
      ),
    ).toBe(true);
    expect(bodies.every((body) => body['enforce_nonce'] === true && (body['flags'] as number) === 4)).toBe(
      true,
    );
  });

  it('delivers a message once if its reply was lost and it is sent again', async () => {
    bed.loseNextReply?.();
    bed.app.faults.add('POST /channels/:channel/messages', { drop: 'after' });
    const outcome = await send(text('once'), bed.target).then(() => 'sent', kindOf);
    expect(outcome).toBe('unreachable');
    await send(text('once'), bed.target).catch(() => undefined);
    await send(text('once'), bed.target);
    expect(bed.app.journal.texts(bed.dm.id)).toEqual(['once']);
  });

  it('splits 1,995 characters into two messages without loss if escaping makes them too long', async () => {
    const long = `${'word* '.repeat(329)}<@${bed.alice.user.id}>`.padEnd(1_995, '.').slice(0, 1_995);
    await send(text(long), bed.target);
    const texts = bed.app.journal.texts(bed.dm.id);
    expect(texts).toHaveLength(2);
    expect(texts.every((part) => part.length <= 2_000)).toBe(true);
    expect(texts.join(' ').replaceAll('\\', '').split(/\s+/)).toEqual(long.split(/\s+/));
  });

  it('fits any text into Discord’s limits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 2_000 }),
        fc.integer(),
        async (content, n) => {
          const outcome = await send(text(content, String(n))).then(() => 'sent', kindOf);
          if (/[^\p{C}\p{Z}]/u.test(content)) expect([content, outcome]).toEqual([content, 'sent']);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('replies to a message in a channel, but not to a deleted one', async () => {
    const question = bed.alice.writes(bed.general, 'open today?');
    await send(text('Yes'), { ...inGeneral(), replyToMessageId: question.id });
    await send(text('Yes!'), { ...inGeneral(), replyToMessageId: '1234567890' });
    expect(bed.app.journal.messages(bed.general.id).map(({ type }) => type)).toEqual([19, 0]);
  });

  it('waits until the author of a new forum post has written in it (40058)', async () => {
    const post = bed.alice.posts(bed.discord.world.forum(bed.guild, 'help'), 'My parcel');
    const sending = send(text('Tell me more'), { chat: { chatId: post.id, kind: 'group' } });
    await pause(10);
    bed.alice.writes(post, 'It is late');
    await sending;
    expect(bed.app.journal.texts(post.id)).toEqual(['Tell me more']);
  });

  it.each([
    [
      'the channel is gone',
      'gone',
      () => ({ chat: { chatId: '123456789012345678', kind: 'group' } }) as const,
    ],
    ['the person blocked the bot', 'gone', () => (bed.app.blockedBy.add(bed.alice.user.id), bed.target)],
    ['the bot was removed from the guild', 'gone', () => (bed.guild.bots.delete(bed.app.id), inGeneral())],
    [
      'the bot lacks permission to write',
      'rejected',
      () => (bed.general.denied.add('SEND_MESSAGES'), inGeneral()),
    ],
  ] as const)('reports when %s', async (_, kind, target) => {
    expect(await send(text('hello'), target()).then(() => 'sent', kindOf)).toBe(kind);
  });

  it('sends files with a caption and buttons, edits, and reacts', async () => {
    const bytes = Uint8Array.from({ length: 5_000 }, (_, n) => n % 256);
    const file = {
      type: 'file',
      key: 'f',
      kind: 'image',
      fileName: 'grafik.png',
      mediaType: 'image/png',
      bytes,
    } as const;
    const buttons = [[{ label: 'More', action: 'more' }]];
    const { messageId = '' } = await send({ ...file, caption: '**Sales**', buttons });
    const [message] = bed.app.journal.messages(bed.general.id);
    expect(message).toMatchObject({
      content: '**Sales**',
      attachments: [{ filename: 'grafik.png', size: 5_000 }],
    });
    await send({ type: 'edit', key: 'e', messageId, text: 'Sales of *May*' });
    await send({ type: 'reaction', messageId, emoji: '👍' });
    expect(bed.app.journal.texts(bed.general.id)).toEqual(['Sales of *May*']);
    expect(bed.app.journal.callsTo('PUT', /reactions/).map(({ path }) => path.split('/').at(-2))).toEqual([
      '👍',
    ]);
  });

  it('refreshes an expired file URL through its message', async () => {
    const file = bed.discord.world.addFile(Buffer.from('pdf'), 'a.pdf');
    const message = bed.alice.writes(bed.dm, '', { files: [file] });
    const reception = bed.channel.receive({ t: 'MESSAGE_CREATE', s: 1, d: message }, bed.account);
    if (reception.type !== 'event' || reception.event.type !== 'message') throw new Error('no message');
    const [part] = reception.event.parts;
    if (part?.type !== 'file') throw new Error('no file');
    const fresh = bed.discord.world.addFile(Buffer.from('pdf'), 'a.pdf');
    bed.discord.world.files.delete(file.path);
    const [attachment] = message.attachments;
    const url = `${bed.discord.world.base}${fresh.path}`;
    bed.discord.world.messages.set(message.id, {
      ...message,
      attachments: attachment ? [{ ...attachment, url }] : [],
    });
    const bytes = await bed.channel.files?.download(part.reference, bed.account, 100, signal);
    expect(Buffer.from(bytes ?? []).toString()).toBe('pdf');
  });

  it('downloads files only from Discord', async () => {
    for (const url of [
      'http://169.254.169.254/latest',
      'https://evil.example/a',
      'file:///etc/passwd',
      'x',
    ]) {
      const loading = bed.channel.files?.download(JSON.stringify({ url }), bed.account, 100, signal);
      expect(await loading?.then(() => 'loaded', kindOf)).toBe('rejected');
    }
  });
});

describe('sending within Discord’s limits', () => {
  const { signal } = new AbortController();

  it('makes no call while a bucket is empty, and keeps the order', async () => {
    const bed = await discordTestbed({
      longestWaitMs: 60_000,
      rateLimits: { messages: { limit: 5, windowMs: 1_500 } },
    });
    try {
      for (let n = 0; n < 12; n++) await sendPatiently(bed, `${n}`);
      expect(bed.app.journal.texts(bed.dm.id)).toEqual(Array.from({ length: 12 }, (_, n) => `${n}`));
      expect(bed.app.journal.violations).toEqual([]);
      expect(bed.app.journal.calls.filter(({ status }) => status === 429)).toEqual([]);
    } finally {
      await bed.close();
    }
  });

  it.each(['user', 'shared', 'global', 'blocked'] as const)(
    'makes no call for as long as a 429 asks for (%s)',
    async (scope) => {
      const bed = await discordTestbed({ longestWaitMs: 60_000 });
      try {
        bed.app.faults.add('POST /channels/:channel/messages', { retryAfter: 2, scope });
        const other = { chat: { chatId: bed.general.id, kind: 'group' } } as const;
        await expect(sendOnce(bed, 'a')).rejects.toMatchObject({ kind: 'rate-limited' });
        const elsewhere = bed.channel
          .send(other, { type: 'text', key: 'x', text: 'x' }, bed.account, signal)
          .then(() => 'sent', kindOf);
        await sendPatiently(bed, 'a');
        // A rate limit of one channel does not apply to the others.
        const isForAll = scope === 'global' || scope === 'blocked';
        expect(await elsewhere).toBe(isForAll ? 'rate-limited' : 'sent');
        expect(bed.app.journal.texts(bed.dm.id)).toEqual(['a']);
        expect(bed.app.journal.violations).toEqual([]);
      } finally {
        await bed.close();
      }
    },
  );

  it('obeys the refusal of a typing indicator that was no longer needed', async () => {
    const bed = await discordTestbed();
    try {
      const typing = (until: AbortSignal) =>
        bed.channel.send(bed.target, { type: 'typing' }, bed.account, until);
      const calls = () => bed.app.journal.callsTo('POST', /typing$/);
      bed.app.faults.add('POST /channels/:id/typing', { retryAfter: 30, afterMs: 100 });
      const answered = new AbortController();
      const first = typing(answered.signal).catch(() => undefined);
      await waitUntil(() => calls().length === 1);
      answered.abort();
      await first;
      await waitUntil(() => calls()[0]?.status === 429);
      // For the response to arrive.
      await pause(100);
      await expect(typing(signal)).rejects.toMatchObject({ kind: 'rate-limited' });
      expect(calls()).toHaveLength(1);
    } finally {
      await bed.close();
    }
  });

  it('a wait of one channel, told to another process, holds here for that channel alone', async () => {
    const bed = await discordTestbed();
    try {
      const waits = new LocalWaits(systemClock);
      const invalid = new InvalidRequests(systemClock);
      const [one, two] = [1, 2].map(() =>
        createDiscordClient(bed.account.config, { clock: systemClock, fetch, invalid, waits }),
      );
      const post = (client: typeof one, channelId: string) =>
        client?.call(
          { method: 'POST', path: `/channels/${channelId}/messages`, body: { content: 'x' } },
          signal,
        );
      const elsewhere = bed.discord.world.member('budi').dmWith(bed.app);
      bed.app.faults.add('POST /channels/:id/messages', { retryAfter: 30, scope: 'user' });
      await expect(post(one, bed.dm.id)).rejects.toMatchObject({ kind: 'rate-limited' });
      await expect(post(two, bed.dm.id)).rejects.toMatchObject({ kind: 'rate-limited' });
      await post(two, elsewhere.id);
      expect(bed.app.journal.violations).toEqual([]);
      expect(bed.app.journal.callsTo('POST', /messages$/)).toHaveLength(2);
    } finally {
      await bed.close();
    }
  });

  it('stops calling long before refused calls get the address blocked', async () => {
    const bed = await discordTestbed();
    try {
      const invalid = new InvalidRequests(systemClock, 20);
      const client = createDiscordClient(bed.account.config, {
        clock: systemClock,
        fetch,
        invalid,
        waits: new LocalWaits(systemClock),
      });
      bed.dm.denied.add('SEND_MESSAGES');
      const path = `/channels/${bed.dm.id}/messages`;
      const call = () => client.call({ method: 'POST', path, body: { content: 'x' } }, signal);
      for (let n = 0; n < 30; n++) await call().catch(() => undefined);
      expect(bed.app.journal.invalidRequests).toBe(20);
      await expect(call()).rejects.toMatchObject({ kind: 'rate-limited' });
    } finally {
      await bed.close();
    }
  });

  function sendOnce(bed: DiscordTestbed, content: string) {
    return bed.channel.send(bed.target, { type: 'text', key: content, text: content }, bed.account, signal);
  }

  async function sendPatiently(bed: DiscordTestbed, content: string): Promise<void> {
    for (;;) {
      const wait = await sendOnce(bed, content).then(
        () => 0,
        (error: { retryAfterMs?: number }) => error.retryAfterMs ?? 100,
      );
      if (wait === 0) return;
      await pause(wait);
    }
  }
});
