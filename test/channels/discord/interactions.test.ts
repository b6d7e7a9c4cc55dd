import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandMenuEntry, InboundEvent, SendTarget } from '../../../src/contracts/channel.js';
import { runConnection } from '../../support/run-connection.js';
import { pause, waitUntil } from '../../support/wait.js';
import type { FakeInteraction } from '../../fakes/discord/interactions.js';
import { discordTestbed, type DiscordTestbed } from './testbed.js';

const MINUTE = 60_000;
const texts = (en: string) => ({ en, id: en });
const everyone = { audience: 'everyone', options: [], subcommands: [] } as const;
const option = (name: string, details: Partial<CommandMenuEntry['options'][number]> = {}) =>
  ({ name, type: 'text', description: texts(name), required: false, suggests: false, ...details }) as const;

describe('a Discord interaction', () => {
  let bed: DiscordTestbed;
  let connection: ReturnType<typeof runConnection>;
  const { signal } = new AbortController();
  beforeEach(async () => {
    bed = await discordTestbed({ longestWaitMs: 60_000 });
  });
  afterEach(async () => {
    await connection.stop().catch(() => undefined);
    await bed.close();
  });

  async function open(
    accept?: (event: InboundEvent) => Promise<void>,
    options?: Parameters<typeof runConnection>[2],
  ): Promise<void> {
    connection = runConnection(bed, accept, options);
    await waitUntil(connection.isOpen);
  }
  const send = (target: SendTarget, text: string, key = text) =>
    bed.channel.send(target, { type: 'text', key, text }, bed.account, signal);
  /** The target for answering the latest interaction, as the core builds it. */
  const answerTo = (receivedAt = new Date(), isFirst = true): SendTarget => {
    const event = connection.accepted.at(-1);
    const token = event?.type === 'command' || event?.type === 'action' ? event.interactionToken : undefined;
    if (event === undefined || token === undefined) throw new Error('no interaction');
    return { chat: event.chat, interaction: { token, receivedAt, isFirst } };
  };
  const accepted = (count: number) => waitUntil(() => connection.accepted.length === count);

  it('is deferred once stored, and an answer that takes 5 s becomes its reply', async () => {
    await open();
    const ran = bed.alice.runs(bed.app, bed.general, 'note', { text: 'buy milk', urgent: true, copies: 2 });
    await accepted(1);
    await waitUntil(() => ran.answered === 5);
    expect(connection.accepted[0]).toMatchObject({
      type: 'command',
      name: 'note',
      argumentText: 'buy milk true 2',
      options: { text: 'buy milk', urgent: true, copies: 2 },
      workspaceId: bed.guild.id,
      sender: { id: bed.alice.user.id, name: 'Alice', languageTag: 'en-US' },
    });
    bed.discord.world.advance(5_000);
    await send(answerTo(), 'noted');
    await send(answerTo(new Date(), false), 'and more');
    expect(bed.app.journal.texts(bed.general.id)).toEqual(['noted', 'and more']);
    expect(bed.app.journal.messages(bed.general.id)[0]).toMatchObject({ type: 20, flags: 4 });
    expect(ran.answeredAfterMs).toBeLessThan(3_000);
  });

  it('is answered in the channel after its token expired', async () => {
    await open();
    bed.alice.runs(bed.app, bed.general, 'report');
    await accepted(1);
    const receivedAt = new Date(Date.now() - 16 * MINUTE);
    bed.discord.world.advance(16 * MINUTE);
    await send(answerTo(receivedAt), 'at last');
    expect(bed.app.journal.callsTo('POST', `/channels/${bed.general.id}/messages`)).toHaveLength(1);
    expect(bed.app.journal.texts(bed.general.id)).toEqual(['at last']);
  });

  it('is acknowledged in time even if the store is slow, and is still stored', async () => {
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    await open(() => slow);
    const ran = bed.alice.runs(bed.app, bed.general, 'help');
    await waitUntil(() => ran.answered === 5, 2_900);
    expect(connection.accepted).toEqual([]);
    release();
    await accepted(1);
  });

  it('does not wait for a slow earlier message in the same channel', async () => {
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    await open((event) => (event.type === 'message' ? slow : Promise.resolve()));
    bed.alice.writes(bed.dm, 'slow');
    const ran = bed.alice.runs(bed.app, bed.dm, 'help');
    await waitUntil(() => ran.answered === 5);
    release();
    await accepted(2);
  });

  it('is answered only after its acknowledgement, even if the answer is faster', async () => {
    await open();
    bed.app.faults.add('POST /interactions/:id/:token/callback', { delayMs: 300 });
    bed.alice.runs(bed.app, bed.general, 'help');
    await accepted(1);
    await send(answerTo(), 'quick');
    expect(bed.app.journal.messages(bed.general.id)).toMatchObject([{ content: 'quick', type: 20 }]);
  });

  it('is acknowledged again if the first attempt failed', async () => {
    await open();
    bed.app.faults.add('POST /interactions/:id/:token/callback', { drop: 'before' }, { status: 502 });
    const ran = bed.alice.runs(bed.app, bed.general, 'help');
    await waitUntil(() => ran.answered === 5);
  });

  it('by button is deferred invisibly, shows a notice to the presser, and is answered in the channel', async () => {
    await open();
    const group = { chat: { chatId: bed.general.id, kind: 'group' } } as const;
    const buttons = [[{ label: '👍', action: 'feedback:up:t1' }]];
    const message = { type: 'text', key: 'k', text: 'Was this helpful?', buttons } as const;
    const { messageId = '' } = await bed.channel.send(group, message, bed.account, signal);
    const sentMessage = bed.discord.world.messages.get(messageId);
    if (sentMessage === undefined) throw new Error('nothing was sent');
    const pressed = bed.alice.presses(bed.app, sentMessage, '👍');
    await accepted(1);
    await waitUntil(() => pressed.answered === 6);
    expect(connection.accepted[0]).toMatchObject({ type: 'action', action: 'feedback:up:t1', messageId });
    const target = answerTo();
    const interactionToken = target.interaction?.token ?? '';
    await bed.channel.send(
      target,
      { type: 'acknowledge', interactionToken, text: 'Thanks!' },
      bed.account,
      signal,
    );
    await send(target, 'anything else?');
    const messages = bed.app.journal.messages(bed.general.id);
    expect(messages.map(({ content, flags }) => [content, (flags & 64) !== 0])).toEqual([
      ['Was this helpful?', false],
      ['Thanks!', true],
      ['anything else?', false],
    ]);
  });

  it('with a staff command is answered to its caller alone, in a private chat once the token expired', async () => {
    const status = { ...everyone, audience: 'staff', name: 'status', description: texts('Status') } as const;
    await open(undefined, { menu: [status] });
    bed.alice.runs(bed.app, bed.general, 'status');
    await accepted(1);
    await send(answerTo(), 'all is well');
    await send(answerTo(new Date(), false), 'and more');
    const messages = bed.app.journal.messages(bed.general.id);
    expect(messages.map(({ content, flags }) => [content, (flags & 64) !== 0])).toEqual([
      ['all is well', true],
      ['and more', true],
    ]);
    const edit = {
      type: 'edit',
      key: 'e',
      messageId: messages[0]?.id ?? '',
      text: 'all is very well',
    } as const;
    await bed.channel.send(answerTo(new Date(), false), edit, bed.account, signal);
    expect(bed.app.journal.texts(bed.general.id)).toEqual(['all is very well', 'and more']);
    bed.discord.world.advance(16 * MINUTE);
    await send(answerTo(new Date(Date.now() - 16 * MINUTE)), 'late');
    expect(bed.app.journal.texts(bed.general.id)).not.toContain('late');
    // By a slow clock there would still be time, but Discord rejects the late answer.
    await send(answerTo(new Date(), false), 'later');
    expect(bed.app.journal.texts(bed.general.id)).not.toContain('later');
    expect(bed.app.journal.texts(bed.dm.id)).toEqual(['late', 'later']);
    bed.alice.runs(bed.app, bed.dm, 'status');
    await accepted(2);
    await send(answerTo(), 'private anyway');
    expect(bed.app.journal.messages(bed.dm.id).at(-1)).toMatchObject({ content: 'private anyway', flags: 4 });
  });

  it('shows no "thinking" any more if its command is answered with nothing', async () => {
    await open();
    bed.alice.runs(bed.app, bed.general, 'pause');
    await accepted(1);
    await waitUntil(() => bed.app.journal.messages(bed.general.id).length === 1);
    const target = answerTo();
    const interactionToken = target.interaction?.token ?? '';
    await bed.channel.send(target, { type: 'acknowledge', interactionToken }, bed.account, signal);
    expect(bed.app.journal.messages(bed.general.id)).toEqual([]);
  });

  it('is answered by replies in a channel where the bot may not write', async () => {
    bed.general.denied.add('SEND_MESSAGES');
    await open();
    bed.alice.runs(bed.app, bed.general, 'help');
    await accepted(1);
    await send(answerTo(), 'first');
    await send(answerTo(new Date(), false), 'second');
    expect(bed.app.journal.texts(bed.general.id)).toEqual(['first', 'second']);
  });

  it('with more buttons than fit uses a menu, and a choice counts as a press', async () => {
    await open();
    const buttons = Array.from({ length: 30 }, (_, n) => [{ label: `Product ${n}`, action: `pick:${n}` }]);
    await bed.channel.send(
      bed.target,
      { type: 'text', key: 'k', text: 'Which?', buttons },
      bed.account,
      signal,
    );
    const [message] = bed.app.journal.messages(bed.dm.id);
    if (message === undefined) throw new Error('nothing was sent');
    bed.alice.presses(bed.app, message, 'Product 27');
    await accepted(1);
    expect(connection.accepted[0]).toMatchObject({ type: 'action', action: 'pick:27' });
  });

  it('carries the files of a command', async () => {
    await open();
    const csv = bed.discord.world.addFile(Buffer.from('a,b\n1,2'), 'sales.csv', 'text/csv');
    bed.alice.runs(bed.app, bed.general, 'train', { file: csv, target: 'b' });
    await accepted(1);
    const event = connection.accepted[0];
    if (event?.type !== 'command') throw new Error('not a command');
    expect(event).toMatchObject({
      options: { file: 0, target: 'b' },
      argumentText: 'b',
      files: [{ fileName: 'sales.csv', mediaType: 'text/csv', sizeBytes: 7 }],
    });
    const bytes = await bed.channel.files?.download(
      event.files[0]?.reference ?? '',
      bed.account,
      100,
      signal,
    );
    expect(Buffer.from(bytes ?? []).toString()).toBe('a,b\n1,2');
  });

  it('suggests values while a person types', async () => {
    const requests: unknown[] = [];
    await open(undefined, {
      suggest(request) {
        requests.push(request);
        return Promise.resolve([{ value: 'c1', label: 'Ani Wijaya' }]);
      },
    });
    const typed = bed.alice.types(bed.app, bed.general, 'note', 'who', 'an');
    await waitUntil(() => typed.answered === 8);
    expect(typed.answerData).toEqual({ choices: [{ name: 'Ani Wijaya', value: 'c1' }] });
    expect(requests).toMatchObject([{ command: 'note', option: 'who', typed: 'an' }]);
    expect(connection.accepted).toEqual([]);
  });

  it('asks for a multi-line option in a form, which then becomes the command', async () => {
    const teach = {
      ...everyone,
      name: 'teach',
      description: texts('Teach an answer'),
      options: [
        option('question', { required: true }),
        option('answer', { required: true, multiline: true }),
      ],
    };
    await open(undefined, { menu: [teach] });
    const ran = bed.alice.runs(bed.app, bed.general, 'teach', { question: 'Open on Sunday?' });
    await waitUntil(() => ran.answered === 9);
    expect(ran.answerData).toMatchObject({ custom_id: '/teach', title: 'Teach an answer' });
    const form = bed.alice.submits(bed.app, bed.general, '/teach', {
      question: 'Open on Sunday?',
      answer: 'No.\nOn Monday.',
    });
    await accepted(1);
    await waitUntil(() => form.answered === 5);
    expect(connection.accepted[0]).toMatchObject({
      type: 'command',
      name: 'teach',
      options: { question: 'Open on Sunday?', answer: 'No.\nOn Monday.' },
    });
  });

  it('is acknowledged exactly once, even among twenty at the same time', async () => {
    await open();
    const ran: FakeInteraction[] = [];
    for (let n = 0; n < 20; n++) ran.push(bed.alice.runs(bed.app, bed.dm, 'help'));
    await waitUntil(() => ran.every(({ answered }) => answered !== undefined));
    await pause(50);
    expect(ran.filter((one) => bed.app.interactions.hasFailed(one))).toEqual([]);
    expect(bed.app.journal.callsTo('POST', /callback$/).map(({ status }) => status)).toEqual(
      Array.from({ length: 20 }, () => 204),
    );
  });
});
