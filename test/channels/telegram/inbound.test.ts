import { describe, expect, it } from 'vitest';
import { decodeUpdate } from '../../../channels/telegram/inbound.js';
import type { InboundEvent } from '../../../src/contracts/channel.js';

const BOT = { id: '123456', username: 'sapa_bot' };
const NOW = new Date('2026-11-21T10:00:00Z');
const ANA = { id: 77, is_bot: false, first_name: 'Ana', last_name: 'Wijaya', language_code: 'id' };
const PRIVATE = { id: 77, type: 'private', first_name: 'Ana' };
const GROUP = { id: -1_001_234, type: 'supergroup', title: 'Toko' };

const decode = (update: unknown) => decodeUpdate(update, BOT, NOW);

function decodeMessage(content: object, chat: object = PRIVATE) {
  return decode({
    update_id: 9,
    message: { message_id: 5, date: 1_700_000_000, from: ANA, chat, ...content },
  });
}

function event(content: object, chat?: object): InboundEvent {
  const reception = decodeMessage(content, chat);
  if (reception.type !== 'event') throw new Error(`${reception.type}: ${reception.reason}`);
  return reception.event;
}

const mention = (text: string, name: string) => ({
  text,
  entities: [{ type: 'mention', offset: text.indexOf(name), length: name.length }],
});

describe('a Telegram update', () => {
  it('becomes a message with chat, sender and time', () => {
    expect(event({ text: 'Halo' })).toEqual({
      type: 'message',
      eventId: '9',
      sequence: 9,
      sentAt: new Date(1_700_000_000_000),
      chat: { chatId: '77', kind: 'direct' },
      sender: { id: '77', name: 'Ana Wijaya', languageTag: 'id', isBot: false },
      messageId: '5',
      parts: [{ type: 'text', text: 'Halo' }],
      addressed: true,
    });
  });

  it('in a group is addressed to the bot only by mention or reply', () => {
    expect(event({ text: 'siapa di sini?' }, GROUP)).toMatchObject({
      addressed: false,
      chat: { kind: 'group' },
    });
    expect(event(mention('halo @Sapa_Bot', '@Sapa_Bot'), GROUP)).toMatchObject({ addressed: true });
    expect(event(mention('halo @sapa_bot2', '@sapa_bot2'), GROUP)).toMatchObject({ addressed: false });
    const reply = { reply_to_message: { message_id: 3, from: { id: 123456 } } };
    expect(event({ text: 'ya', ...reply }, GROUP)).toMatchObject({ addressed: true, replyToMessageId: '3' });
    const toSomeone = { reply_to_message: { message_id: 3, from: { id: 8 } } };
    expect(event({ text: 'ya', ...toSomeone }, GROUP)).toMatchObject({ addressed: false });
    const byId = {
      text: 'hei bot',
      entities: [{ type: 'text_mention', offset: 4, length: 3, user: { id: 123456 } }],
    };
    expect(event(byId, GROUP)).toMatchObject({ addressed: true });
  });

  it('loses the mention of the bot at its start', () => {
    expect(event(mention('@sapa_bot, jam buka?', '@sapa_bot'), GROUP)).toMatchObject({
      parts: [{ type: 'text', text: 'jam buka?' }],
    });
    expect(event(mention('@sapa_bot', '@sapa_bot'), GROUP)).toMatchObject({ parts: [{ text: '@sapa_bot' }] });
  });

  it('loses every mention of the bot, but no other mention', () => {
    for (const [text, question] of [
      ['halo @sapa_bot', 'halo'],
      ['halo @Sapa_Bot, jam buka?', 'halo, jam buka?'],
      ['jam buka berapa @sapa_bot?', 'jam buka berapa?'],
      ['@sapa_bot kata @sapa_bot2 buka', 'kata @sapa_bot2 buka'],
    ] as const) {
      expect(event(mention(text, '@'), GROUP)).toMatchObject({ parts: [{ type: 'text', text: question }] });
    }
  });

  it.each([
    [{ sender_user: { id: 8, first_name: 'Budi' } }, 'Budi'],
    [{ sender_user_name: 'Somebody' }, 'Somebody'],
    [{ chat: { id: -5, type: 'channel', title: 'Promo' } }, 'Promo'],
    [undefined, undefined],
  ])('carries the message of another chat that it replies to: %j', (origin, name) => {
    const external_reply = { origin, photo: [{ file_id: 'p' }] };
    const decoded = event({ text: 'ada yang ini?', external_reply, quote: { text: 'Teh Rp 8.000.' } });
    expect(decoded).not.toHaveProperty('replyToMessageId');
    expect(decoded).toMatchObject({
      quoted: { from: 'other', parts: [{ text: 'Teh Rp 8.000.' }, { type: 'file', kind: 'image' }] },
    });
    expect('quoted' in decoded ? decoded.quoted?.name : 'none').toBe(name);
  });

  it('may be a checklist', () => {
    const checklist = {
      title: 'Belanja',
      tasks: [
        { id: 1, text: 'Kopi' },
        { id: 2, text: 'Teh' },
      ],
    };
    expect(event({ checklist })).toMatchObject({ parts: [{ type: 'text', text: 'Belanja\n- Kopi\n- Teh' }] });
  });

  it('may be an emoji that Telegram turned into a throw', () => {
    expect(event({ dice: { emoji: '⚽', value: 4 } })).toMatchObject({
      parts: [{ type: 'text', text: '⚽' }],
    });
  });

  it('carries the message it replies to, or the quoted part of it', () => {
    const from = { id: 123456, is_bot: true, first_name: 'Sapa' };
    const reply_to_message = { message_id: 3, from, text: 'Kopi Rp 20.000. Teh Rp 8.000.' };
    expect(event({ text: 'yang ini?', reply_to_message })).toMatchObject({
      replyToMessageId: '3',
      quoted: { messageId: '3', from: 'bot', parts: [{ text: 'Kopi Rp 20.000. Teh Rp 8.000.' }] },
    });
    expect(event({ text: 'yang ini?', reply_to_message, quote: { text: 'Teh Rp 8.000.' } })).toMatchObject({
      quoted: { parts: [{ type: 'text', text: 'Teh Rp 8.000.' }] },
    });
    const photo = [{ file_id: 'P', width: 9, height: 9 }];
    const other = { message_id: 4, from: { id: 8, first_name: 'Budi' }, photo };
    expect(event({ text: 'yang ini?', reply_to_message: other }, GROUP)).toMatchObject({
      quoted: { from: 'other', name: 'Budi', parts: [{ type: 'file', kind: 'image' }] },
    });
  });

  it.each([
    [{ sticker: { file_id: 'S', emoji: '👍' } }, { type: 'file', kind: 'sticker', emoji: '👍' }],
    [{ location: { latitude: -6.9, longitude: 107.6 } }, { type: 'location', latitude: -6.9 }],
    [
      {
        location: { latitude: 1, longitude: 2 },
        venue: { location: { latitude: 1, longitude: 2 }, title: 'Toko', address: 'Jl. A 1' },
      },
      { type: 'location', longitude: 2, name: 'Toko', address: 'Jl. A 1' },
    ],
    [
      { contact: { phone_number: '+62811', first_name: 'Budi', last_name: 'S' } },
      { type: 'contact', name: 'Budi S', phones: ['+62811'] },
    ],
    [
      { poll: { question: 'Kapan?', options: [{ text: 'Senin' }, { text: 'Selasa' }] } },
      { type: 'poll', question: 'Kapan?', options: ['Senin', 'Selasa'] },
    ],
  ])('without text becomes a part: %j', (content, part) => {
    expect(event(content)).toMatchObject({ type: 'message', parts: [part] });
  });

  it('in a topic keeps the topic, and the message that opened the topic is no reply', () => {
    const topic = {
      message_thread_id: 12,
      is_topic_message: true,
      reply_to_message: { message_id: 12, from: { id: 123456 }, forum_topic_created: { name: 'Order' } },
    };
    const received = event({ text: 'hai', ...topic }, { ...GROUP, is_forum: true });
    expect(received).toMatchObject({ chat: { chatId: '-1001234', topicId: '12' }, addressed: false });
    expect(received).not.toHaveProperty('replyToMessageId');
  });

  it('in a group without topics ignores the reply thread', () => {
    expect(event({ text: 'hai', message_thread_id: 12 }, GROUP).chat).toEqual({
      chatId: '-1001234',
      kind: 'group',
    });
  });

  it.each([
    ['/kb search jam', { name: 'kb', argumentText: 'search jam' }],
    ['/Help@Sapa_Bot', { name: 'help', argumentText: '' }],
  ])('with the text %j becomes a command', (text, expected) => {
    const entities = [{ type: 'bot_command', offset: 0, length: text.split(' ')[0]?.length }];
    expect(event({ text, entities }, GROUP)).toMatchObject({ type: 'command', addressed: true, ...expected });
  });

  it('is ignored if its command is for another bot', () => {
    expect(decodeMessage({ text: '/help@other_bot' }, GROUP).type).toBe('ignored');
  });

  it('is no command if the slash is inside code', () => {
    const code = { text: '/help', entities: [{ type: 'code', offset: 0, length: 5 }] };
    expect(event(code)).toMatchObject({ type: 'message' });
  });

  it('with a document and a command in its caption carries both', () => {
    const document = { file_id: 'D1', file_name: 'sop.pdf', mime_type: 'application/pdf', file_size: 1234 };
    expect(event({ document, caption: '/kb add SOP' })).toMatchObject({
      type: 'command',
      name: 'kb',
      argumentText: 'add SOP',
      files: [
        {
          kind: 'document',
          reference: 'D1',
          fileName: 'sop.pdf',
          mediaType: 'application/pdf',
          sizeBytes: 1234,
        },
      ],
    });
  });

  it('with a photo carries its largest size, its caption and its album', () => {
    const photo = [
      { file_id: 'S', width: 90, height: 90 },
      { file_id: 'L', width: 800, height: 600, file_size: 5 },
    ];
    expect(event({ photo, caption: 'ini', media_group_id: 'g1' })).toMatchObject({
      albumId: 'g1',
      parts: [
        { type: 'text', text: 'ini' },
        { type: 'file', kind: 'image', reference: 'L', sizeBytes: 5 },
      ],
    });
  });

  it.each([
    ['voice', 'voice'],
    ['audio', 'audio'],
    ['video', 'video'],
    ['video_note', 'video'],
    ['document', 'document'],
    ['animation', 'video'],
  ])('with a %s carries a file', (field, kind) => {
    expect(event({ [field]: { file_id: 'F' } })).toMatchObject({
      parts: [{ type: 'file', kind, reference: 'F' }],
    });
  });

  it('about a live location that moves is ignored, because it is not an edit of anything said', () => {
    const location = { latitude: -6.2, longitude: 106.8, live_period: 900, heading: 12 };
    const edited_message = { message_id: 5, date: 1, edit_date: 60, chat: PRIVATE, from: ANA, location };
    expect(decode({ update_id: 10, edited_message })).toMatchObject({ type: 'ignored' });
    expect(event({ location })).toMatchObject({ parts: [{ type: 'location', latitude: -6.2 }] });
  });

  it('about an edit names the message and its new text', () => {
    const edited_message = { message_id: 5, date: 1, edit_date: 60, chat: PRIVATE, from: ANA, text: 'baru' };
    expect(decode({ update_id: 10, edited_message })).toMatchObject({
      event: { type: 'edit', messageId: '5', parts: [{ text: 'baru' }], sentAt: new Date(60_000) },
    });
  });

  it('about a pressed button carries its data, even under an old message', () => {
    const callback_query = {
      id: 'q1',
      from: ANA,
      data: 'confirm:1',
      message: { message_id: 4, date: 0, chat: PRIVATE },
    };
    expect(decode({ update_id: 11, callback_query })).toMatchObject({
      event: { type: 'action', action: 'confirm:1', interactionToken: 'q1', messageId: '4', sentAt: NOW },
    });
  });

  it('from another bot is flagged, and from our own bot ignored', () => {
    expect(event({ text: 'hi', from: { ...ANA, is_bot: true } }).sender.isBot).toBe(true);
    expect(decodeMessage({ text: 'hi', from: { id: 123456, is_bot: true } }).type).toBe('ignored');
  });

  it('from an anonymous administrator comes from the group, not from a bot', () => {
    const from = { id: 1_087_968_824, is_bot: true, first_name: 'Group' };
    expect(event({ text: 'hi', from, sender_chat: GROUP }, GROUP).sender).toEqual({
      id: '-1001234',
      name: 'Toko',
      isBot: false,
    });
  });

  it.each([
    [
      'a service message',
      { message: { message_id: 1, date: 1, chat: GROUP, from: ANA, new_chat_members: [ANA] } },
    ],
    [
      'a channel post',
      { channel_post: { message_id: 1, date: 1, chat: { id: -5, type: 'channel' }, text: 'x' } },
    ],
    ['an unknown update type', { hologram: { anything: true } }],
    ['an inline button', { callback_query: { id: 'q', from: ANA, data: 'x', inline_message_id: 'i' } }],
    ['nothing at all', {}],
  ])('with %s is ignored', (_, content) => {
    expect(decode({ update_id: 1, ...content })).toMatchObject({ type: 'ignored' });
  });

  it.each([
    ['no id', { message: {} }],
    [
      'a text that is a list',
      { update_id: 1, message: { message_id: 1, date: 1, chat: PRIVATE, text: ['x'] } },
    ],
    ['an id beyond 2^53', { update_id: 2 ** 63 }],
    ['an impossible date', { update_id: 1, message: { message_id: 1, date: 1e15, chat: PRIVATE } }],
    ['a chat without id', { update_id: 1, message: { message_id: 1, date: 1, chat: {}, text: 'x' } }],
    ['a string instead of an update', 'hello'],
  ])('with %s is rejected without being quoted', (_, raw) => {
    const reception = decode(raw);
    expect(reception.type).toBe('rejected');
    expect(JSON.stringify(reception)).not.toContain('hello');
  });
});
