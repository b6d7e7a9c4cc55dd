import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { decodeUpdate } from '../../../channels/whatsapp/inbound.js';

/** Decodes a content as it comes over the wire. */
function decode(content: proto.IMessage) {
  const sent = proto.WebMessageInfo.fromObject({
    key: { id: '3A01', remoteJid: '6281200000001@s.whatsapp.net' },
    message: proto.Message.decode(proto.Message.encode(content).finish()),
    messageTimestamp: 1_700_000_000,
  });
  return decodeUpdate({
    message: proto.WebMessageInfo.toObject(sent, { longs: Number }),
    arrival: 1,
    receivedAt: 1_700_000_000_000,
    chatId: '6281200000001',
    senderId: '6281200000001',
    me: { pn: '6281100000001' },
  });
}

function textOf(content: proto.IMessage): string | undefined {
  const reception = decode(content);
  if (reception.type !== 'event' || reception.event.type !== 'message') return undefined;
  const [part] = reception.event.parts;
  return part?.type === 'text' ? part.text : undefined;
}

const product = { title: 'Kopi Gayo', currencyCode: 'IDR', priceAmount1000: 85_000_000 };

describe('a WhatsApp card has a text:', () => {
  it.each<[string, proto.IMessage, string]>([
    ['an item of the catalogue', { productMessage: { product } }, 'Kopi Gayo\nIDR 85000'],
    [
      'an order',
      {
        orderMessage: {
          orderTitle: 'Kopi Gayo',
          itemCount: 2,
          totalCurrencyCode: 'IDR',
          totalAmount1000: 170_000_000,
          message: 'kirim ke Bandung ya',
        },
      },
      'Kopi Gayo\nIDR 170000\nkirim ke Bandung ya',
    ],
    ['an event', { eventMessage: { name: 'Cupping', description: 'Sabtu jam 3' } }, 'Cupping\nSabtu jam 3'],
    ['an invitation', { groupInviteMessage: { groupName: 'Kopi', caption: 'ikut?' } }, 'Kopi\nikut?'],
    ['buttons', { buttonsMessage: { contentText: 'Pilih satu' } }, 'Pilih satu'],
    ['a list', { listMessage: { title: 'Menu', description: 'Hari ini' } }, 'Menu\nHari ini'],
    ['a form', { interactiveMessage: { body: { text: 'Isi ini' } } }, 'Isi ini'],
    [
      'a template',
      { templateMessage: { hydratedTemplate: { hydratedContentText: 'Pesanan Anda dikirim' } } },
      'Pesanan Anda dikirim',
    ],
  ])('%s', (_, content, text) => expect(textOf(content)).toBe(text));

  it('a question about an item carries the item', () => {
    const contextInfo = {
      stanzaId: 'catalogue',
      participant: '6281100000001@s.whatsapp.net',
      quotedMessage: { productMessage: { product } },
    };
    expect(decode({ extendedTextMessage: { text: 'masih ada?', contextInfo } })).toMatchObject({
      event: {
        parts: [{ type: 'text', text: 'masih ada?' }],
        quoted: { from: 'bot', parts: [{ type: 'text', text: 'Kopi Gayo\nIDR 85000' }] },
      },
    });
  });

  it.each<[string, proto.IMessage]>([
    ['a vote', { pollUpdateMessage: { pollCreationMessageKey: { id: 'x' } } }],
    ['a pin', { pinInChatMessage: { key: { id: 'x' }, type: 1 } }],
    ['an album’s header', { albumMessage: { expectedImageCount: 3 } }],
    ['a call', { call: { callKey: Buffer.from('k') } }],
    ['an encrypted reaction', { encReactionMessage: { targetMessageKey: { id: 'x' } } }],
  ])('%s is none, and is not answered', (_, content) =>
    expect(decode(content)).toMatchObject({ type: 'ignored' }),
  );

  it('a poll in its newest wrapper', () => {
    const poll = { name: 'Kopi?', options: [{ optionName: 'Ya' }, { optionName: 'Tidak' }] };
    for (const content of [
      { pollCreationMessageV4: { message: { pollCreationMessageV3: poll } } },
      { pollCreationMessageV5: poll },
    ])
      expect(decode(content)).toMatchObject({
        event: { parts: [{ type: 'poll', question: 'Kopi?', options: ['Ya', 'Tidak'] }] },
      });
  });
});
