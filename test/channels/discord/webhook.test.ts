import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CommandOffers, InboundEvent, WebhookCall } from '../../../src/contracts/channel.js';
import { replyJson, startLoopbackServer, type LoopbackServer } from '../../fakes/loopback-server.js';
import { waitUntil } from '../../support/wait.js';
import { discordTestbed, type DiscordTestbed } from './testbed.js';

let bed: DiscordTestbed;
let server: LoopbackServer;
const accepted: InboundEvent[] = [];
const statuses: number[] = [];
const texts = (en: string) => ({ en, id: en });
const option = (name: string, details: object = {}) =>
  ({ name, type: 'text', description: texts(name), required: true, suggests: false, ...details }) as const;
/** The commands and suggestions the service offers. */
const offers: CommandOffers = {
  menu: [
    { name: 'status', audience: 'staff', description: texts('Status'), options: [], subcommands: [] },
    {
      name: 'teach',
      audience: 'staff',
      description: texts('Teach an answer'),
      options: [option('question'), option('answer', { multiline: true })],
      subcommands: [],
    },
  ],
  suggest: ({ command, option: name, typed }) =>
    Promise.resolve([{ value: 'c1', label: `${command} ${name} ${typed}` }]),
};
beforeEach(async () => {
  bed = await discordTestbed();
  bed = {
    ...bed,
    account: {
      ...bed.account,
      config: { ...bed.account.config, mode: 'http', publicKey: bed.app.publicKey },
    },
  };
  accepted.length = 0;
  statuses.length = 0;
  server = await startLoopbackServer(async (request, response, body) => {
    const { status, answer } = await take({ headers: request.headers, query: {} }, body);
    statuses.push(status);
    replyJson(response, status, answer ?? {});
  });
  bed.app.interactionsUrl = `${server.url}/`;
});
afterEach(async () => {
  await server.close();
  await bed.close();
});

/** Handles a call the way the service does. */
async function take(call: WebhookCall, body: Uint8Array): Promise<{ status: number; answer?: unknown }> {
  const { webhook } = bed.channel;
  if (webhook?.admits(call, bed.account) !== true) return { status: 401 };
  const content = webhook.open(call, body, bed.account, offers);
  if (content.type === 'refused') return { status: 401 };
  for (const reception of content.receptions) if (reception.type === 'event') accepted.push(reception.event);
  return { status: 200, answer: await content.answer };
}

const signed = (body: string, timestamp?: string): WebhookCall => ({
  headers: bed.app.signed(body, timestamp),
  query: {},
});

it('defers a command visibly and a button press invisibly, then answers as usual', async () => {
  const ran = bed.alice.runs(bed.app, bed.general, 'note', { text: 'milk' });
  await waitUntil(() => ran.answered === 5);
  expect(accepted[0]).toMatchObject({ type: 'command', name: 'note', options: { text: 'milk' } });
  const [event] = accepted;
  const token = event?.type === 'command' ? (event.interactionToken ?? '') : '';
  const target = {
    chat: { chatId: bed.general.id, kind: 'group' },
    interaction: { token, receivedAt: new Date(), isFirst: true },
  } as const;
  const buttons = [[{ label: 'Undo', action: 'undo' }]];
  const message = { type: 'text', key: 'k', text: 'noted', buttons } as const;
  await bed.channel.send(target, message, bed.account, new AbortController().signal);
  const [reply] = bed.app.journal.messages(bed.general.id);
  if (reply === undefined) throw new Error('no answer');
  expect(reply).toMatchObject({ content: 'noted', type: 20 });
  const pressed = bed.alice.presses(bed.app, reply, 'Undo');
  await waitUntil(() => pressed.answered === 6);
  expect(accepted[1]).toMatchObject({ type: 'action', action: 'undo' });
});

it('suggests values while a person types, and stores none of it', async () => {
  const typed = bed.alice.types(bed.app, bed.general, 'note', 'who', 'an');
  await waitUntil(() => typed.answered === 8);
  expect(typed.answerData).toEqual({ choices: [{ name: 'note who an', value: 'c1' }] });
  expect(accepted).toEqual([]);
});

it('asks for a multi-line option in a form, which then becomes the command', async () => {
  const ran = bed.alice.runs(bed.app, bed.general, 'teach', { question: 'Open on Sunday?' });
  await waitUntil(() => ran.answered === 9);
  expect(ran.answerData).toMatchObject({ custom_id: '/teach' });
  expect(accepted).toEqual([]);
  const form = bed.alice.submits(bed.app, bed.general, '/teach', { question: 'Open?', answer: 'No.\nYes.' });
  await waitUntil(() => form.answered === 5);
  expect(accepted).toMatchObject([{ type: 'command', name: 'teach', options: { answer: 'No.\nYes.' } }]);
});

it('shows the reply to a staff command to its caller alone', async () => {
  const ran = bed.alice.runs(bed.app, bed.general, 'status');
  await waitUntil(() => ran.answered === 5);
  expect(ran.original?.flags).toBe(128 | 64);
});

it('answers the ping with which Discord checks an endpoint', async () => {
  const body = JSON.stringify({ id: '1', type: 1, application_id: bed.app.id, token: 't' });
  expect(await take(signed(body), Buffer.from(body))).toEqual({ status: 200, answer: { type: 1 } });
});

it.each([
  ['a signature for other bytes', (body: string) => signed(`${body} `)],
  ['no signature', () => ({ headers: {}, query: {} })],
  [
    'a malformed signature',
    (body: string) => ({ headers: { ...signed(body).headers, 'x-signature-ed25519': 'zz' }, query: {} }),
  ],
  ['an old call', (body: string) => signed(body, String(Math.floor(Date.now() / 1000) - 400))],
  ['a call from the future', (body: string) => signed(body, String(Math.floor(Date.now() / 1000) + 400))],
])('refuses %s, which Discord sends from time to time', async (_, call) => {
  const body = JSON.stringify({ id: '1', type: 2 });
  expect(await take(call(body), Buffer.from(body))).toMatchObject({ status: 401 });
  expect(accepted).toEqual([]);
});

it('refuses a signature of another application', async () => {
  const other = bed.discord.world.app('another-token-of-a-bot');
  const body = JSON.stringify({ id: '1', type: 1 });
  const call = { headers: other.signed(body), query: {} };
  expect(await take(call, Buffer.from(body))).toMatchObject({ status: 401 });
});

it('accepts a signed but meaningless body without an event', async () => {
  for (const body of ['', 'null', '[]', '{"type":2}', '{"type":"x"}', '\ufffd']) {
    expect(await take(signed(body), Buffer.from(body))).toMatchObject({ status: 200 });
  }
  expect(accepted).toEqual([]);
});

it('is not used in gateway mode', () => {
  const { webhook } = bed.channel;
  expect(webhook?.isUsedBy(bed.account.config)).toBe(true);
  expect(webhook?.isUsedBy({ ...bed.account.config, mode: 'gateway' })).toBe(false);
});
