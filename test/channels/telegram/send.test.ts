import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboundMessage, SendTarget } from '../../../src/contracts/channel.js';
import { eventually } from '../../support/wait.js';
import { telegramTestbed, PERSON, type TelegramTestbed } from './testbed.js';

const GROUP = -1_000_000_000_077;
const signal = new AbortController().signal;

const text = (
  markdown: string,
  buttons?: Extract<OutboundMessage, { type: 'text' }>['buttons'],
): OutboundMessage => ({
  type: 'text',
  key: 'turn_1:0',
  text: markdown,
  ...(buttons ? { buttons } : {}),
});

describe('sending to Telegram', () => {
  let bed: TelegramTestbed;
  beforeEach(async () => {
    bed = await telegramTestbed();
  });
  afterEach(() => bed.close());
  const send = (message: OutboundMessage, target: SendTarget = bed.target) =>
    bed.channel.send(target, message, bed.account, signal);
  const messagesIn = (chatId = PERSON) => bed.bot.journal.messages(chatId);

  it('formats Markdown and shows no link previews', async () => {
    await send(text('**Buka** jam 9: https://toko.id'));
    expect(messagesIn()).toMatchObject([
      {
        text: 'Buka jam 9: https://toko.id',
        entities: [
          { type: 'bold', offset: 0, length: 4 },
          { type: 'text_link', url: 'https://toko.id' },
        ],
        link_preview_options: { is_disabled: true },
      },
    ]);
  });

  it('sends files with their names, captions and buttons', async () => {
    for (const [kind, fileName] of [
      ['image', 'gambar.png'],
      ['document', 'Anggota März; "akhir".csv'],
      ['voice', 'suara.ogg'],
      ['audio', 'lagu.mp3'],
      ['video', 'film.mp4'],
      ['sticker', 'stiker.webp'],
    ] as const) {
      await send({
        type: 'file',
        key: `turn_1:${fileName}`,
        kind,
        fileName,
        mediaType: 'application/octet-stream',
        bytes: Uint8Array.of(1, 2, 3),
        caption: '**Ini**',
        buttons: [[{ label: 'Lagi', action: '/lagi' }]],
      });
    }
    const rest = {
      caption: 'Ini',
      caption_entities: [{ type: 'bold' }],
      reply_markup: { inline_keyboard: [[{ text: 'Lagi' }]] },
    };
    expect(messagesIn()).toMatchObject([
      { photo: { file_name: 'gambar.png', file_size: 3 }, ...rest },
      // A quote would end the name.
      { document: { file_name: 'Anggota März; _akhir_.csv', file_size: 3 }, ...rest },
      { voice: { file_name: 'suara.ogg', file_size: 3 }, ...rest },
      { audio: { file_name: 'lagu.mp3', file_size: 3 }, ...rest },
      { video: { file_name: 'film.mp4', file_size: 3 }, ...rest },
      // A sticker has no caption.
      { sticker: { file_name: 'stiker.webp', file_size: 3 } },
    ]);
  });

  it('sends a picture as a document if Telegram rejects it as a photo', async () => {
    bed.bot.faults.add('sendPhoto', { status: 400, description: 'Bad Request: PHOTO_INVALID_DIMENSIONS' });
    await send({
      type: 'file',
      key: 'turn_1:0',
      kind: 'image',
      fileName: 'peta.png',
      mediaType: 'image/png',
      bytes: Uint8Array.of(1, 2, 3),
    });
    expect(messagesIn()).toMatchObject([{ document: { file_name: 'peta.png', file_size: 3 } }]);
  });

  it('sends a text too long for a caption after the file, with the buttons on it', async () => {
    const words = 'kata '.repeat(250).trim();
    await send({
      type: 'file',
      key: 'turn_1:0',
      kind: 'document',
      fileName: 'harga.pdf',
      mediaType: 'application/pdf',
      bytes: Uint8Array.of(1),
      caption: words,
      buttons: [[{ label: 'Lagi', action: '/lagi' }]],
    });
    expect(messagesIn()).toMatchObject([
      { document: { file_name: 'harga.pdf' } },
      { text: words, reply_markup: { inline_keyboard: [[{ text: 'Lagi' }]] } },
    ]);
    expect(messagesIn()[0]).not.toHaveProperty('caption');
    expect(messagesIn()[0]).not.toHaveProperty('reply_markup');
  });

  it('sets and removes a reaction, and refuses one that Telegram does not offer', async () => {
    const { message_id: id } = bed.bot.user(PERSON).sends('terima kasih');
    const react = (emoji: string) => send({ type: 'reaction', messageId: String(id), emoji });
    await react('👍');
    expect(bed.bot.reactions.get(`${PERSON}:${id}`)).toBe('👍');
    await react('');
    expect(bed.bot.reactions.get(`${PERSON}:${id}`)).toBe('');
    await expect(react('🦖')).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('falls back to plain text if Telegram cannot parse the formatting', async () => {
    bed.bot.faults.add('sendMessage', {
      status: 400,
      description: "Bad Request: can't parse entities: Unsupported start tag",
    });
    await send(text('**Buka** <jam> 9'));
    expect(messagesIn()).toMatchObject([{ text: '**Buka** <jam> 9', entities: [] }]);
  });

  it('sends a text unformatted if formatting makes it too long', async () => {
    const rows = Array.from({ length: 200 }, (_, index) => `|${index}|b|`).join('\n');
    const table = `|${'wide '.repeat(20)}|x|\n|-|-|\n${rows}`;
    await send(text(table));
    expect(messagesIn()[0]?.text).toBe(table);
  });

  it('refuses a text beyond the limit and an empty one', async () => {
    await expect(send(text('a'.repeat(4_097)))).rejects.toMatchObject({ kind: 'rejected' });
    await expect(send(text(' '))).rejects.toMatchObject({ kind: 'rejected' });
    await send(text('a'.repeat(4_096)));
    expect(messagesIn()).toHaveLength(1);
  });

  it('replies to a message, or sends without a reply if that message is gone', async () => {
    const question = bed.bot.user(PERSON).sends('jam buka?');
    await send(text('jam 9'), { ...bed.target, replyToMessageId: String(question.message_id) });
    await send(text('jam 9'), { ...bed.target, replyToMessageId: '999' });
    expect(messagesIn()[0]?.reply_to_message?.message_id).toBe(question.message_id);
    expect(messagesIn()[1]).not.toHaveProperty('reply_to_message');
  });

  it('stays in its topic, and reports a deleted one', async () => {
    bed.bot.openTopic(GROUP, 12);
    const chat = { chatId: String(GROUP), kind: 'group', topicId: '12' } as const;
    await send(text('di sini'), { chat });
    await send({ type: 'typing' }, { chat });
    expect(messagesIn(GROUP)).toMatchObject([{ text: 'di sini', message_thread_id: 12 }]);
    await expect(send(text('di sana'), { chat: { ...chat, topicId: '13' } })).rejects.toMatchObject({
      kind: 'gone',
    });
  });

  it('shows buttons, whose press arrives as an action that may be acknowledged twice', async () => {
    await send(
      text('Yakin?', [
        [
          { label: 'Ya', action: 'confirm:1' },
          { label: 'Batal', action: 'cancel:1' },
        ],
      ]),
    );
    const [message] = messagesIn();
    if (!message) throw new Error('nothing was sent');
    const token = bed.bot.user(PERSON).presses(message, 'Ya');
    const reception = bed.channel.receive(bed.bot.updates.unconfirmed.at(-1), bed.account);
    expect(reception).toMatchObject({
      event: { type: 'action', action: 'confirm:1', interactionToken: token },
    });
    await send({ type: 'acknowledge', interactionToken: token, text: 'ok'.repeat(200) });
    await send({ type: 'acknowledge', interactionToken: token });
    expect(bed.bot.presses.get(token)).toBe(true);
  });

  it('refuses a button with more than 64 bytes of data', async () => {
    await expect(send(text('x', [[{ label: 'a', action: 'é'.repeat(33) }]]))).rejects.toMatchObject({
      kind: 'rejected',
    });
  });

  it('follows a group that became a supergroup', async () => {
    bed.bot.user(PERSON, -500);
    bed.bot.migrate(-500, GROUP);
    await send(text('halo'), { chat: { chatId: '-500', kind: 'group' } });
    expect(messagesIn(GROUP)).toMatchObject([{ text: 'halo' }]);
  });

  it('reports a person who blocked the bot and a missing chat as gone', async () => {
    await expect(send(text('x'), { chat: { chatId: '404', kind: 'direct' } })).rejects.toMatchObject({
      kind: 'gone',
    });
    bed.bot.user(PERSON).blocks();
    await expect(send(text('x'))).rejects.toMatchObject({ kind: 'gone' });
    expect(bed.bot.journal.callsOf('sendMessage')).toHaveLength(2);
  });

  it('reports how long Telegram asks it to wait, and does not retry by itself', async () => {
    bed.bot.faults.add('sendMessage', { status: 429, retryAfter: 7 });
    await expect(send(text('x'))).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 7_000 });
    expect(bed.bot.journal.callsOf('sendMessage')).toHaveLength(1);
    expect(bed.bot.journal.violations).toEqual([]);
  });

  it.each([
    ['a server error', { status: 502, description: 'Bad Gateway' }],
    ['a broken connection', { drop: 'before' }],
    ['a lost reply', { drop: 'after' }],
    ['a reply that is not JSON', { body: '<html>' }],
    ['a reply that is not a message', { body: '{"ok":true,"result":{"message_id":"x"}}' }],
  ] as const)('does not repeat a send after %s, because it may have arrived', async (_, fault) => {
    bed.bot.faults.add('sendMessage', fault);
    await expect(send(text('x'))).rejects.toMatchObject({ kind: 'unreachable' });
    expect(bed.bot.journal.callsOf('sendMessage')).toHaveLength(1);
  });

  it('makes no call in a rate-limited chat, while another chat continues', async () => {
    bed.bot.faults.add('sendChatAction', { status: 429, retryAfter: 60 });
    const typing = () => bed.channel.send(bed.target, { type: 'typing' }, bed.account, signal);
    await expect(typing()).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 });
    await expect(typing()).rejects.toMatchObject({ kind: 'rate-limited' });
    await expect(send(text('x'))).rejects.toMatchObject({ kind: 'rate-limited' });
    expect(bed.bot.journal.calls.map(({ method }) => method)).toEqual(['sendChatAction']);
    bed.bot.user(PERSON + 1);
    const elsewhere = { chat: { chatId: String(PERSON + 1), kind: 'direct' } } as const;
    await bed.channel.send(elsewhere, text('hello'), bed.account, signal);
    expect(bed.bot.journal.messages(PERSON + 1)).toHaveLength(1);
  });

  it('makes no call at all after two chats were told to wait until the same moment', async () => {
    const wait = { status: 429, retryAfter: 60, isForBot: true } as const;
    bed.bot.faults.add('sendChatAction', wait);
    const typingTo = (id: number) => {
      bed.bot.user(id);
      const chat = { chatId: String(id), kind: 'direct' } as const;
      return bed.channel.send({ chat }, { type: 'typing' }, bed.account, signal);
    };
    for (const id of [1, 2, 3, 4]) {
      await expect(typingTo(PERSON + id)).rejects.toMatchObject({ kind: 'rate-limited' });
    }
    expect(bed.bot.journal.calls).toHaveLength(2);
  });

  it('abandons a hanging send when it is aborted', async () => {
    bed.bot.faults.add('sendMessage', { delayMs: 3_000 });
    const limited = AbortSignal.timeout(50);
    await expect(bed.channel.send(bed.target, text('x'), bed.account, limited)).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });

  it('separates two bots with the same chat and message ids', async () => {
    const other = bed.telegram.bot('654321:other');
    other.user(PERSON);
    await send(text('from one'));
    const account = {
      ...bed.account,
      id: 'account_2',
      config: { ...bed.account.config, token: '654321:other' },
    };
    await bed.channel.send(bed.target, text('from two'), account, signal);
    expect(messagesIn().map((message) => message.text)).toEqual(['from one']);
    expect(other.journal.messages(PERSON).map((message) => message.text)).toEqual(['from two']);
  });
});

describe('looking for a message whose reply was lost', () => {
  it('finds it however much the bot sent elsewhere since its last message in the chat', async () => {
    const bed = await telegramTestbed();
    try {
      await bed.channel.send(bed.target, text('satu'), bed.account, signal);
      bed.bot.user(PERSON + 1);
      const elsewhere = { chat: { chatId: String(PERSON + 1), kind: 'direct' } } as const;
      for (let count = 0; count < 60; count++) {
        await bed.channel.send(elsewhere, text(`to somebody else ${count}`), bed.account, signal);
      }
      const newest = bed.channel.recovery?.newestId(bed.target, bed.account) ?? '';
      bed.loseNextReply?.();
      await expect(bed.channel.send(bed.target, text('dua'), bed.account, signal)).rejects.toMatchObject({
        kind: 'unreachable',
      });
      const receipt = await bed.channel.recovery?.findSent(
        bed.target,
        { after: newest },
        bed.account,
        signal,
      );
      expect(receipt).toMatchObject({
        messageId: String(bed.bot.journal.messages(PERSON).at(-1)?.message_id),
      });
    } finally {
      await bed.telegram.close();
    }
  });

  it('skips what the person wrote meanwhile', async () => {
    const bed = await telegramTestbed();
    try {
      const first = await bed.channel.send(bed.target, text('satu'), bed.account, signal);
      bed.bot.user(PERSON).sends('halo?');
      bed.loseNextReply?.();
      await expect(bed.channel.send(bed.target, text('dua'), bed.account, signal)).rejects.toThrow();
      const receipt = await bed.channel.recovery?.findSent(
        bed.target,
        { after: first.messageId ?? '' },
        bed.account,
        signal,
      );
      expect(receipt).toMatchObject({
        messageId: String(bed.bot.journal.messages(PERSON).at(-1)?.message_id),
      });
    } finally {
      await bed.close();
    }
  });
});

describe('a message whose reply was lost', () => {
  const isOver = { kind: 'unreachable' };
  const probes = (bed: TelegramTestbed) => bed.bot.journal.callsOf('editMessageReplyMarkup');

  it('is only looked for among ids that are still unaccounted for', async () => {
    const bed = await telegramTestbed();
    try {
      const { channel, account, target } = bed;
      const first = await channel.send(target, text('satu'), account, signal);
      bed.bot.faults.add('sendMessage', { drop: 'before' });
      await expect(channel.send(target, text('dua'), account, signal)).rejects.toMatchObject(isOver);
      bed.bot.user(PERSON + 1);
      const elsewhere = { chat: { chatId: String(PERSON + 1), kind: 'direct' } } as const;
      for (let count = 0; count < 30; count++) {
        await channel.send(elsewhere, text(`elsewhere ${count}`), account, signal);
      }
      bed.bot.faults.add('editMessageReplyMarkup', { status: 429, retryAfter: 1 });
      const lost = { after: first.messageId ?? '' };
      const search = () => channel.recovery?.findSent(target, lost, account, signal);
      await expect(search()).rejects.toMatchObject({ kind: 'rate-limited' });
      // Sent after the search began, so the lost message cannot be newer.
      await channel.send(elsewhere, text('begun later'), account, signal);
      await eventually(
        async () => search()?.catch(() => undefined),
        (found) => found === 'not-found',
      );
      expect(probes(bed)).toHaveLength(1);
    } finally {
      await bed.close();
    }
  });

  it('keeps its buttons when it is found', async () => {
    const bed = await telegramTestbed();
    try {
      const { channel, account, target } = bed;
      const first = await channel.send(target, text('satu'), account, signal);
      const buttons = [[{ label: 'Ya', action: 'yes' }]];
      bed.loseNextReply?.();
      await expect(
        channel.send(target, { type: 'text', key: 'k', text: 'dua?', buttons }, account, signal),
      ).rejects.toMatchObject(isOver);
      const lost = { after: first.messageId ?? '', buttons };
      await channel.recovery?.findSent(target, lost, account, signal);
      expect(bed.bot.journal.messages(PERSON).at(-1)).toMatchObject({
        text: 'dua?',
        reply_markup: { inline_keyboard: [[{ text: 'Ya', callback_data: 'yes' }]] },
      });
    } finally {
      await bed.close();
    }
  });
});

describe('downloading a file from Telegram', () => {
  let bed: TelegramTestbed;
  beforeEach(async () => {
    bed = await telegramTestbed();
  });
  afterEach(() => bed.close());
  const download = (reference: string, maxBytes = 1_000) =>
    bed.channel.files?.download(reference, bed.account, maxBytes, signal);

  it('stops reading at the limit if the declared size is wrong', async () => {
    const file = bed.bot.addFile(new Uint8Array(5_000_000), 'big.bin', 10);
    await expect(download(file.file_id)).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('does not start if the declared size is too large', async () => {
    const file = bed.bot.addFile(new Uint8Array(10), 'big.bin', 2_000);
    await expect(download(file.file_id)).rejects.toMatchObject({ kind: 'rejected' });
    expect(bed.bot.journal.callsOf('download')).toEqual([]);
  });

  it('handles file names that need escaping in a URL', async () => {
    const file = bed.bot.addFile(Uint8Array.of(1, 2, 3), 'daftar harga #1 50%?.csv');
    expect(await download(file.file_id)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('reports the kind of failure without the token', async () => {
    await expect(download('unknown')).rejects.toMatchObject({ kind: 'rejected' });
    const file = bed.bot.addFile(Uint8Array.of(1));
    bed.bot.faults.add('download', { drop: 'before' }, { status: 404 }, { status: 500 });
    for (const kind of ['unreachable', 'gone', 'unreachable']) {
      await expect(download(file.file_id)).rejects.toMatchObject({ kind });
    }
  });
});
