import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderText } from '../../../channels/whatsapp/render.js';
import type { OutboundMessage, Receipt } from '../../../src/contracts/channel.js';
import type { FakePerson } from '../../fakes/whatsapp/person.js';
import { waitUntil } from '../../support/wait.js';
import { kindOf } from '../../contracts/channel/testbed.js';
import type { RunningConnection } from './run-connection.js';
import { openWhatsApp, type WhatsAppBed } from './testbed.js';

describe('a message sent on WhatsApp', () => {
  let bed: WhatsAppBed;
  let connection: RunningConnection;
  beforeAll(async () => {
    bed = await openWhatsApp();
    await bed.pair();
  });
  afterEach(() => connection.stop());
  afterAll(() => bed.close());

  /** A person who wrote first, with the open connection that received the message. */
  const customer = async (): Promise<FakePerson> => {
    const alice = bed.newPerson();
    connection = bed.run();
    await alice.writes(bed.phone, 'halo');
    await connection.untilOpen();
    await waitUntil(() => connection.accepted.length === 1);
    return alice;
  };
  const text = (words: string, key = words): OutboundMessage => ({ type: 'text', key, text: words });

  it('fails without a connection and reports that nothing was sent', async () => {
    connection = bed.run();
    await connection.untilOpen();
    await connection.stop();
    const alice = bed.newPerson();
    expect(await bed.send(alice.pn, text('hello')).then(() => 'sent', kindOf)).toBe('not-connected');
  });

  it('marks the chat as read first, shows typing as a person would, and is not always online', async () => {
    const alice = await customer();
    const { journal } = bed.whatsapp;
    expect(journal.read()).toEqual([]);
    const before = journal.chatStates().length;
    await bed.send(alice.pn, { type: 'typing' });
    await waitUntil(() => journal.read().length === 1);
    await bed.send(alice.pn, text('hi'));
    await waitUntil(() => journal.chatStates().length === before + 2);
    expect(journal.chatStates().slice(before)).toMatchObject([
      { to: alice.lid, state: 'composing' },
      { to: alice.lid, state: 'paused' },
    ]);
    const online = journal.of('presence').filter(({ node }) => node.attrs.type === 'available');
    expect(online.length).toBeLessThanOrEqual(1);
  });

  it.each(['400', '479', '499'])('is a failed send if WhatsApp refuses it (%s)', async (code) => {
    const alice = await customer();
    bed.whatsapp.faults.onSend({ nack: code }, { nack: code });
    expect(await bed.send(alice.pn, text('hello')).then(() => 'sent', kindOf)).toBe('rejected');
    expect(alice.sees(bed.phone)).toEqual([]);
    bed.whatsapp.faults.nextSend();
  });

  it('goes to the LID if the number no longer accepts messages (463)', async () => {
    const alice = bed.newPerson();
    connection = bed.run();
    await alice.writes(bed.phone, 'halo', { by: 'pn', hideOther: true });
    await connection.untilOpen();
    await waitUntil(() => connection.accepted.length === 1);
    await bed.state.write(new Map((await bed.state.keys('person/')).map((key) => [key, undefined])));
    await connection.stop();
    connection = bed.run();
    await connection.untilOpen();
    alice.isOnlyKnownByLid = true;
    await bed.send(alice.pn, text('hello'));
    expect(alice.sees(bed.phone)).toMatchObject([{ chat: alice.lidJid }]);
    expect(bed.whatsapp.journal.refused.at(-1)).toMatchObject({ error: '463' });
  });

  it('is rate-limited if WhatsApp allows the number no new chats (463)', async () => {
    const alice = await customer();
    bed.whatsapp.faults.onSend({ nack: '463' }, { nack: '463' });
    const error: unknown = await bed.send(alice.pn, text('hello')).catch((reason: unknown) => reason);
    expect(kindOf(error)).toBe('rate-limited');
    expect(error).toMatchObject({ retryAfterMs: 15 * 60_000 });
    bed.whatsapp.faults.nextSend();
  });

  it('is shown once if its acknowledgement was lost and it is sent again', async () => {
    const alice = await customer();
    bed.whatsapp.faults.onSend({ drop: 'after' });
    expect(await bed.send(alice.pn, text('once')).then(() => 'sent', kindOf)).toBe('unreachable');
    await connection.untilState('backing-off');
    await connection.untilOpen();
    const receipt = await bed.send(alice.pn, text('once'));
    expect(alice.sees(bed.phone)).toMatchObject([{ id: receipt.messageId }]);
    expect(bed.whatsapp.journal.repeated.filter(({ by }) => by === alice.pn)).toHaveLength(1);
  });

  it('is sent again to a phone that could not read it, even after a restart', async () => {
    const alice = await customer();
    alice.cannotDecrypt = 1;
    await bed.send(alice.pn, text('at once'));
    await waitUntil(() => alice.sees(bed.phone).length === 1);
    alice.cannotDecrypt = 1;
    await bed.send(alice.pn, text('first lost'));
    await waitUntil(() => alice.sees(bed.phone).length === 2);
    // The phone asks while no connection is open; only the stored message can answer it.
    const { messageId = '' } = await bed.send(alice.pn, text('asked for later'));
    await connection.stop();
    await waitUntil(() => bed.phone.companions.get(1)?.connection === undefined);
    await alice.asksFor(bed.phone, messageId);
    const before = bed.whatsapp.journal.repeated.length;
    connection = bed.run();
    await waitUntil(() => bed.whatsapp.journal.repeated.length === before + 1);
    expect(bed.whatsapp.journal.repeated.at(-1)).toMatchObject({ id: messageId });
  });

  it('can be edited, quoted and reacted to', async () => {
    const alice = await customer();
    const { messageId = '' } = await bed.send(alice.pn, text('Jam 9.'));
    await bed.send(alice.pn, { type: 'edit', key: 'e', messageId, text: 'Jam **10**.' });
    const question = connection.accepted[0];
    const askedId = question?.type === 'message' ? question.messageId : '';
    await bed.send(alice.pn, text('Ya?'), askedId);
    await bed.send(alice.pn, { type: 'reaction', messageId: askedId, emoji: '👍' });
    const [, edit, quote, reaction] = alice.sees(bed.phone).map(({ message }) => message);
    expect(edit?.protocolMessage?.key?.id).toBe(messageId);
    expect(edit?.protocolMessage?.editedMessage?.extendedTextMessage?.text).toBe('Jam *10*.');
    expect(quote?.extendedTextMessage?.contextInfo).toMatchObject({
      stanzaId: askedId,
      quotedMessage: { conversation: 'halo' },
    });
    expect(reaction?.reactionMessage).toMatchObject({ text: '👍', key: { id: askedId } });
  });

  it('carries encrypted files, and fails if the media host refuses them', async () => {
    const alice = await customer();
    const bytes = randomBytes(30_000);
    const file = { type: 'file', bytes, mediaType: 'application/pdf', fileName: 'price list.pdf' } as const;
    await bed.send(alice.pn, { ...file, key: 'd', kind: 'document', caption: 'the **list**' });
    await bed.send(alice.pn, { ...file, key: 'v', kind: 'voice', fileName: 'v.ogg', mediaType: 'audio/ogg' });
    const [document, voice] = alice.sees(bed.phone).map(({ message }) => message);
    const documentMessage =
      document?.documentWithCaptionMessage?.message?.documentMessage ?? document?.documentMessage;
    expect(documentMessage).toMatchObject({
      fileName: 'price list.pdf',
      mimetype: 'application/pdf',
      caption: 'the *list*',
    });
    expect(voice?.audioMessage).toMatchObject({ ptt: true });
    const stored = bed.whatsapp.media.file(documentMessage?.directPath ?? '');
    expect(stored?.includes(bytes.subarray(0, 64))).toBe(false);
    bed.whatsapp.faults.onUpload(500, 500, 500);
    const refused = bed.send(alice.pn, { ...file, key: 'x', kind: 'document' });
    expect(await refused.then(() => 'sent', kindOf)).toBe('unreachable');
    expect(bed.whatsapp.journal.violations).toEqual([]);
  });

  it('loads no link preview and mentions nobody', async () => {
    const alice = await customer();
    await bed.send(alice.pn, text('see https://127.0.0.1:9/secret and @6281200000001 @everyone'));
    const [message] = alice.sees(bed.phone);
    const { contextInfo, matchedText, jpegThumbnail } = message?.message.extendedTextMessage ?? {};
    expect(contextInfo?.mentionedJid ?? []).toEqual([]);
    expect(matchedText ?? '').toBe('');
    expect(jpegThumbnail?.length ?? 0).toBe(0);
  });

  it('fails at once for a number without WhatsApp', async () => {
    await customer();
    const { journal } = bed.whatsapp;
    const complaints = (): number => journal.refused.length + journal.violations.length;
    const before = complaints();
    expect(await bed.send('6289900000001', text('hello')).then(() => 'sent', kindOf)).toBe('gone');
    expect(complaints()).toBe(before);
  });

  it('is slowed down for strangers', async () => {
    // Another test wrote to a stranger a moment ago.
    await bed.state.write(new Map([['pacing', undefined]]));
    await customer();
    const [first, second] = [bed.newPerson(), bed.newPerson()];
    await bed.send(first.pn, text('hello stranger'));
    expect(first.sees(bed.phone)).toHaveLength(1);
    const error: unknown = await bed.send(second.pn, text('hello')).catch((reason: unknown) => reason);
    expect(kindOf(error)).toBe('rate-limited');
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(1_000);
  });

  it('is paused for strangers while WhatsApp restricts the number, and the state says so', async () => {
    const alice = await customer();
    const ends = Math.floor(Date.now() / 1000) + 600;
    bed.phone.companions.get(1)?.deliver({
      tag: 'notification',
      attrs: { from: 's.whatsapp.net', type: 'mex', id: 'lock', t: '1' },
      content: [
        {
          tag: 'update',
          attrs: { op_name: 'NotificationUserReachoutTimelockUpdate' },
          content: Buffer.from(
            JSON.stringify({
              data: {
                xwa2_notify_account_reachout_timelock: {
                  is_active: true,
                  time_enforcement_ends: String(ends),
                  enforcement_type: 'DEFAULT',
                },
              },
            }),
          ),
        },
      ],
    });
    await waitUntil(() => reasonOf(connection).includes('no new chats'));
    expect(await bed.send(bed.newPerson().pn, text('hello')).then(() => 'sent', kindOf)).toBe('rate-limited');
    const receipt: Receipt = await bed.send(alice.pn, text('answers still go'));
    expect(receipt.messageId).toBeDefined();
  });
});

function reasonOf(connection: RunningConnection): string {
  const last = connection.last();
  return last?.state === 'open' ? (last.reason ?? '') : '';
}

describe('Markdown rendered for WhatsApp', () => {
  it.each([
    ['**bold** _it_ ~~gone~~ `code`', '*bold* _it_ ~gone~ `code`'],
    ['# Title\n\ntext', '*Title*\n\ntext'],
    ['- one\n- two\n  1. deep', '- one\n- two\n   1. deep'],
    ['> quoted\n> twice', '> quoted\n> twice'],
    ['[price](https://a.example/p)', 'price (https://a.example/p)'],
    ['<https://a.example>', 'https://a.example'],
    ['```js\nlet a\n```', '```let a```'],
    ['**two\nlines**', '*two*\n*lines*'],
    ['2\\*3\\*4', '2*3*4'],
    ['60*90*2', '60*90*2'],
    ['satu<br>dua', 'satu\ndua'],
    ['17. red\n25. blue', '17. red\n25. blue'],
  ])('renders %j as %j', (markdown, expected) => {
    expect(renderText(markdown)).toBe(expected);
  });

  it('does not format escaped text', () => {
    expect(renderText('\\*not bold\\*')).not.toBe('*not bold*');
    expect(renderText('\\*not bold\\*').replaceAll('\u200b', '')).toBe('*not bold*');
  });
});
