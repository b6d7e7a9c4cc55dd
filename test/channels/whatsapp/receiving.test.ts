import { proto } from '@whiskeysockets/baileys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccountState, InboundEvent } from '../../../src/contracts/channel.js';
import { pause, waitUntil } from '../../support/wait.js';
import { runConnection, textOf, type RunningConnection } from './run-connection.js';
import { openWhatsApp, type WhatsAppBed } from './testbed.js';

describe('a message received on WhatsApp', () => {
  let bed: WhatsAppBed;
  let connection: RunningConnection | undefined;
  beforeAll(async () => {
    bed = await openWhatsApp();
    await bed.pair();
  });
  afterEach(async () => {
    await connection?.stop();
    connection = undefined;
  });
  afterAll(() => bed.close());

  const open = async (accept?: (event: InboundEvent) => Promise<void>): Promise<RunningConnection> => {
    connection = bed.run(accept);
    await connection.untilOpen();
    return connection;
  };
  const until = (running: RunningConnection, count: number): Promise<void> =>
    waitUntil(() => running.accepted.length >= count);

  it('belongs to one contact and conversation by LID and phone number, whichever comes first', async () => {
    const { phone } = bed;
    const running = await open();
    const [alice, bob] = [bed.newPerson(), bed.newPerson()];
    await alice.writes(phone, 'by lid', { by: 'lid' });
    await alice.writes(phone, 'by number', { by: 'pn' });
    await bob.writes(phone, 'by number', { by: 'pn' });
    await bob.writes(phone, 'by lid', { by: 'lid' });
    await phone.answers(alice, 'the owner, by number', 'pn');
    await phone.answers(bob, 'the owner, by lid', 'lid');
    await until(running, 6);
    const idsOf = (person: typeof alice): readonly (readonly string[])[] =>
      running.accepted
        .filter(({ chat }) => chat.chatId === person.pn)
        .map(({ type, sender }) => [type, sender.id]);
    for (const person of [alice, bob]) {
      expect(idsOf(person)).toEqual([
        ['message', person.pn],
        ['message', person.pn],
        ['own-message', phone.pn],
      ]);
    }
  });

  it('keeps its sender’s id if the number of a person first seen by LID becomes known', async () => {
    const { phone } = bed;
    const carol = bed.newPerson('Carol');
    let running = await open();
    await carol.writes(phone, 'who am I?', { by: 'lid', hideOther: true });
    await until(running, 1);
    expect(running.accepted[0]?.sender.id).toBe(carol.lidJid);
    await carol.writes(phone, 'now with number', { by: 'lid' });
    await carol.writes(phone, 'and by number', { by: 'pn', hideOther: true });
    await until(running, 3);
    await running.stop();
    running = await open();
    await carol.writes(phone, 'after a restart', { by: 'pn' });
    await until(running, 1);
    const all = new Set(running.accepted.map(({ sender, chat }) => `${sender.id} ${chat.chatId}`));
    expect([...all]).toEqual([`${carol.lidJid} ${carol.lidJid}`]);
    await bed.send(carol.lidJid, { type: 'text', key: 'answer', text: 'You are Carol.' });
    expect(carol.sees(phone)).toHaveLength(1);
  });

  it('is of one person if two, seen by LID alone and by number alone, turn out to be the same', async () => {
    const { phone } = bed;
    const dewi = bed.newPerson('Dewi');
    dewi.hidesLid = true;
    const running = await open();
    await dewi.writes(phone, 'by LID', { by: 'lid', hideOther: true });
    await until(running, 1);
    await dewi.writes(phone, 'by number', { by: 'pn', hideOther: true });
    await until(running, 2);
    expect(running.accepted.map(({ sender }) => sender.id)).toEqual([dewi.lidJid, dewi.pn]);
    await dewi.writes(phone, 'by both', { by: 'lid' });
    await until(running, 3);
    expect(running.same).toEqual([[dewi.pn, dewi.lidJid]]);
    await dewi.writes(phone, 'by LID again', { by: 'lid', hideOther: true });
    await until(running, 4);
    expect(running.accepted.slice(2).map(({ chat }) => chat.chatId)).toEqual([dewi.pn, dewi.pn]);
    expect(running.same).toHaveLength(1);
  });

  it('keeps the server’s order of delivery', async () => {
    const { phone } = bed;
    const alice = bed.newPerson();
    const running = await open();
    const texts = Array.from({ length: 12 }, (_, index) => `message ${index}`);
    for (const [index, text] of texts.entries()) {
      await alice.writes(phone, text, { by: index % 2 === 0 ? 'lid' : 'pn' });
    }
    await until(running, texts.length);
    expect(running.texts()).toEqual(texts);
    const sequences = running.accepted.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  });

  it('comes after what an earlier process received and could not pass on, however slow the store is', async () => {
    const { phone, channel, account, state } = bed;
    const alice = bed.newPerson();
    let running = await open(() => Promise.reject(new Error('the store is away')));
    await alice.writes(phone, 'first');
    await waitUntil(() => phone.companions.get(1)?.waitingCount === 0);
    void running.stop();
    connection = undefined;
    await running.ended.catch(() => undefined);
    await alice.writes(phone, 'second', { by: 'pn' });
    const slow: AccountState = {
      ...state,
      async keys(prefix) {
        await pause(1_000);
        return state.keys(prefix);
      },
    };
    running = connection = runConnection({ channel, account, state: slow });
    await until(running, 2);
    expect(running.texts()).toEqual(['first', 'second']);
  });

  it('is recognised if it is redelivered after a lost receipt, and is not requested again', async () => {
    const { phone, whatsapp } = bed;
    const alice = bed.newPerson();
    const running = await open();
    await alice.writes(phone, 'before');
    await until(running, 1);
    const logins = whatsapp.journal.logins.length;
    const receipts = whatsapp.journal.receipts('retry');
    whatsapp.faults.losesReceipts(1);
    await alice.writes(phone, 'unconfirmed');
    await until(running, 2);
    await waitUntil(() => whatsapp.journal.logins.length > logins && running.isOpen());
    await alice.writes(phone, 'after');
    await waitUntil(() => running.texts().includes('after'));
    expect([...new Set(running.texts())]).toEqual(['before', 'unconfirmed', 'after']);
    expect(whatsapp.journal.receipts('retry')).toEqual(receipts);
  });

  it('arrives once and in order after an outage, with the owner’s own messages marked as such', async () => {
    const { phone } = bed;
    const alice = bed.newPerson();
    await alice.writes(phone, 'are you there?');
    await phone.answers(alice, 'the owner, from the phone');
    await alice.writes(phone, 'hello?');
    let running = await open();
    await until(running, 3);
    expect(running.accepted.map((event) => [event.type, textOf(event)])).toEqual([
      ['message', 'are you there?'],
      ['own-message', 'the owner, from the phone'],
      ['message', 'hello?'],
    ]);
    await running.stop();
    running = await open();
    await alice.writes(phone, 'third');
    await until(running, 1);
    expect(running.texts()).toEqual(['third']);
  });

  it('has the same event id if the server delivers it again', async () => {
    const { phone } = bed;
    const alice = bed.newPerson();
    const running = await open();
    await alice.writes(phone, 'once', { id: '3A000000000000000001' });
    await until(running, 1);
    await alice.writes(phone, 'once', { id: '3A000000000000000001', by: 'pn' });
    await until(running, 2);
    const [first, second] = running.accepted;
    expect(second?.eventId).toBe(first?.eventId);
  });

  it('cannot be suppressed by another sender who uses the same message id', async () => {
    const { phone } = bed;
    const [alice, mallory] = [bed.newPerson(), bed.newPerson()];
    const running = await open();
    await mallory.writes(phone, 'mine', { id: '3A0000000000000000FF' });
    await alice.writes(phone, 'hers', { id: '3A0000000000000000FF' });
    await until(running, 2);
    expect(new Set(running.accepted.map(({ eventId }) => eventId)).size).toBe(2);
  });

  it('is unwrapped if disappearing or view-once, and answers disappear as well', async () => {
    const { phone, whatsapp } = bed;
    const alice = bed.newPerson();
    const running = await open();
    const contextInfo = { expiration: 86_400 };
    const document = await whatsapp.media.put('document', Buffer.from('a pdf'));
    await alice.writes(phone, {
      ephemeralMessage: { message: { extendedTextMessage: { text: 'soon gone', contextInfo } } },
    });
    await alice.writes(phone, {
      ephemeralMessage: {
        message: {
          documentWithCaptionMessage: {
            message: {
              documentMessage: { ...document, caption: 'the list', fileName: 'list.pdf', contextInfo },
            },
          },
        },
      },
    });
    await alice.writes(phone, {
      ephemeralMessage: { message: { locationMessage: { degreesLatitude: -6.2, degreesLongitude: 106.8 } } },
    });
    await until(running, 3);
    expect(
      running.accepted.map((event) => ('parts' in event ? event.parts.map(({ type }) => type) : [])),
    ).toEqual([['text'], ['text', 'file'], ['location']]);
    await bed.send(alice.pn, { type: 'text', key: 'answer', text: 'Noted.' });
    const [answer] = alice.sees(phone);
    expect(answer?.message.extendedTextMessage?.contextInfo?.expiration).toBeGreaterThan(0);
  });

  it('is awaited from the phone if it is unavailable, and a view-once stub is ignored', async () => {
    const { phone } = bed;
    const alice = bed.newPerson();
    const running = await open();
    await alice.writes(phone, 'from an advertisement', { unavailable: '' });
    await alice.writes(phone, 'never on a linked device', { unavailable: 'view_once_unavailable_fanout' });
    await until(running, 1);
    expect(running.texts()).toEqual(['from an advertisement']);
    expect(running.discarded.length).toBeGreaterThanOrEqual(1);
  });

  it('is requested again if it cannot be decrypted', async () => {
    const { phone } = bed;
    const alice = bed.newPerson();
    const running = await open();
    await alice.writes(phone, 'first');
    await alice.writes(phone, 'damaged on the way', { damaged: true });
    await until(running, 2);
    expect(running.texts()).toEqual(['first', 'damaged on the way']);
  });

  it('may be an edit, a deletion, a reaction or a quote', async () => {
    const { phone } = bed;
    const alice = bed.newPerson();
    const running = await open();
    const id = await alice.writes(phone, 'jam buka?');
    await until(running, 1);
    const answer = await bed.send(alice.pn, { type: 'text', key: 'a', text: 'Jam 9.' });
    await alice.edits(phone, id, 'jam tutup?');
    await alice.reacts(phone, answer.messageId ?? '', '👍');
    await alice.reacts(phone, answer.messageId ?? '', '');
    await alice.writes(phone, {
      extendedTextMessage: {
        text: 'yakin?',
        contextInfo: {
          stanzaId: answer.messageId ?? '',
          participant: phone.lidJid,
          quotedMessage: { conversation: 'Jam 9.' },
        },
      },
    });
    await alice.revokes(phone, id);
    await until(running, 6);
    expect(running.accepted.slice(1)).toMatchObject([
      { type: 'edit', messageId: id, parts: [{ type: 'text', text: 'jam tutup?' }], addressed: true },
      { type: 'reaction', messageId: answer.messageId, emoji: '👍' },
      { type: 'reaction', messageId: answer.messageId, emoji: '' },
      {
        type: 'message',
        replyToMessageId: answer.messageId,
        quoted: { from: 'bot', parts: [{ type: 'text', text: 'Jam 9.' }] },
      },
      { type: 'delete', messageId: id },
    ]);
  });

  it('may carry pictures, voice notes, contact cards and polls', async () => {
    const { phone, whatsapp, channel, account } = bed;
    const alice = bed.newPerson();
    const running = await open();
    const bytes = Buffer.from('pretend this is a picture');
    await alice.writes(phone, {
      imageMessage: {
        ...(await whatsapp.media.put('image', bytes)),
        mimetype: 'image/jpeg',
        caption: 'ini?',
      },
    });
    await alice.writes(phone, {
      audioMessage: {
        ...(await whatsapp.media.put('audio', bytes)),
        mimetype: 'audio/ogg',
        ptt: true,
        seconds: 4,
      },
    });
    await alice.writes(phone, {
      contactMessage: { displayName: 'Budi', vcard: 'BEGIN:VCARD\nTEL;waid=628:+62 812-000\nEND:VCARD' },
    });
    await alice.writes(phone, {
      pollCreationMessageV3: { name: 'Kopi?', options: [{ optionName: 'Ya' }, { optionName: 'Tidak' }] },
    });
    await until(running, 4);
    const parts = running.accepted.flatMap((event) => ('parts' in event ? event.parts : []));
    expect(parts).toMatchObject([
      { type: 'text', text: 'ini?' },
      { type: 'file', kind: 'image', mediaType: 'image/jpeg', sizeBytes: bytes.length },
      { type: 'file', kind: 'voice', durationSeconds: 4 },
      { type: 'contact', name: 'Budi', phones: ['+62 812-000'] },
      { type: 'poll', question: 'Kopi?', options: ['Ya', 'Tidak'] },
    ]);
    const [, file] = parts;
    const reference = file?.type === 'file' ? file.reference : '';
    const { signal } = new AbortController();
    expect(Buffer.from((await channel.files?.download(reference, account, 1_000, signal)) ?? [])).toEqual(
      bytes,
    );
  });

  it('counts in a group only if the number is mentioned or replied to', async () => {
    const { phone, whatsapp } = bed;
    const [alice, bob] = [bed.newPerson('Alice'), bed.newPerson('Bob')];
    const group = whatsapp.world.group('120363000000000077', 'Kopi', [phone, alice, bob]);
    const running = await open();
    await alice.writes(phone, 'anyone?', { group });
    await bob.writes(
      phone,
      {
        extendedTextMessage: {
          text: `@${phone.lid} jam buka?`,
          contextInfo: { mentionedJid: [phone.lidJid] },
        },
      },
      { group },
    );
    await until(running, 2);
    expect(running.accepted).toMatchObject([
      {
        addressed: false,
        chat: { kind: 'group', chatId: group.jid },
        sender: { id: alice.pn, name: 'Alice' },
      },
      { addressed: true, sender: { id: bob.pn }, parts: [{ type: 'text', text: 'jam buka?' }] },
    ]);
    await bed.send(
      group.jid,
      { type: 'text', key: 'g', text: 'Jam 9.' },
      running.accepted[1]?.eventId.split(':')[1],
    );
    expect(alice.sees(phone)).toHaveLength(1);
    const [message] = bob.sees(phone);
    expect(message?.message.extendedTextMessage?.contextInfo?.participant).toBe(bob.lidJid);
  });

  it('is never a status update, a newsletter or traffic between the number’s own devices', async () => {
    const { phone } = bed;
    const running = await open();
    const companion = phone.companions.get(1);
    companion?.deliver({
      tag: 'message',
      attrs: {
        from: 'status@broadcast',
        participant: '6281299999999@s.whatsapp.net',
        id: 'S1',
        t: '1',
        type: 'text',
      },
      content: [
        {
          tag: 'plaintext',
          attrs: {},
          content: proto.Message.encode({ conversation: 'my status' }).finish(),
        },
      ],
    });
    const alice = bed.newPerson();
    await alice.writes(phone, 'a real one');
    await until(running, 1);
    expect(running.texts()).toEqual(['a real one']);
    const people = await bed.state.keys('person/6281299999999');
    expect(people).toEqual([]);
  });

  it('waits for an unavailable store, and survives a kill before it was stored', async () => {
    const { phone, channel, account, state } = bed;
    const alice = bed.newPerson();
    const running = await open(() => Promise.reject(new Error('the store is away')));
    await alice.writes(phone, 'do not lose me');
    // WhatsApp has received the acknowledgement, so only our own copy is left.
    await waitUntil(() => phone.companions.get(1)?.waitingCount === 0);
    void running.stop();
    connection = undefined;
    await running.ended.catch(() => undefined);
    connection = runConnection({ channel, account, state });
    await until(connection, 1);
    expect(connection.texts()).toEqual(['do not lose me']);
    await connection.stop();
    connection = runConnection({ channel, account, state });
    await connection.untilOpen();
    await alice.writes(phone, 'next');
    await until(connection, 1);
    expect(connection.texts()).toEqual(['next']);
  });
});
