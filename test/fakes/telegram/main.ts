import { z } from 'zod';
import { replyJson, startLoopbackServer } from '../loopback-server.js';
import type { Fault } from './faults.js';
import { startFakeTelegram, type FakeTelegram } from './start-fake-telegram.js';

/**
 * Runs the fake in its own process, for tests that kill and restart the product. Prints `{"apiRoot",
 * "control"}` and accepts these requests on `control`, all POST with a JSON body:
 * - `/bots {token}`
 * - `/send {token, user, chat?, text}`
 * - `/edit {token, user, chat?, messageId, text}`
 * - `/press {token, user, chat?, messageId, button}`
 * - `/faults {token, method, faults}`
 * - `/journal {token}` -> calls, violations, offsets, menus, unconfirmed, webhook, attempts
 * - `/messages {token, chat}`
 */
const inChat = z.object({ token: z.string(), user: z.int(), chat: z.int().optional() });

type Control = (telegram: FakeTelegram, body: unknown) => unknown;

const CONTROLS: Readonly<Record<string, Control>> = {
  '/bots': (telegram, body) => telegram.bot(z.object({ token: z.string() }).parse(body).token).me,
  '/send': (telegram, body) => {
    const { token, user, chat, text } = inChat.extend({ text: z.string() }).parse(body);
    return telegram
      .bot(token)
      .user(user, chat ?? user)
      .sends(text);
  },
  '/edit': (telegram, body) => {
    const { token, user, chat = user, messageId, text } = onMessage.extend({ text: z.string() }).parse(body);
    return telegram
      .bot(token)
      .user(user, chat)
      .edits(messageIn(telegram, token, chat, messageId), text);
  },
  '/press': (telegram, body) => {
    const {
      token,
      user,
      chat = user,
      messageId,
      button,
    } = onMessage.extend({ button: z.string() }).parse(body);
    const message = messageIn(telegram, token, chat, messageId);
    return { id: telegram.bot(token).user(user, chat).presses(message, button) };
  },
  '/faults': (telegram, body) => {
    const { token, method, faults } = z
      .object({ token: z.string(), method: z.string(), faults: z.array(z.custom<Fault>()) })
      .parse(body);
    telegram.bot(token).faults.add(method, ...faults);
    return {};
  },
  '/journal': (telegram, body) => {
    const { journal, updates, menus, webhook } = telegram.bot(
      z.object({ token: z.string() }).parse(body).token,
    );
    return {
      calls: journal.calls,
      violations: journal.violations,
      offsets: updates.offsets,
      unconfirmed: updates.unconfirmed,
      menus: Object.fromEntries(menus),
      webhook: webhook.info(),
      attempts: webhook.attempts,
    };
  },
  '/messages': (telegram, body) => {
    const { token, chat } = z.object({ token: z.string(), chat: z.int() }).parse(body);
    return telegram.bot(token).journal.messages(chat);
  },
};

const onMessage = inChat.extend({ messageId: z.int() });

function messageIn(telegram: FakeTelegram, token: string, chat: number, messageId: number) {
  const message = telegram.bot(token).message(chat, messageId);
  if (!message) throw new Error('no such message');
  return message;
}

function handle(telegram: FakeTelegram, path: string, body: string): [number, unknown] {
  const control = CONTROLS[path];
  if (!control) return [404, { error: 'no such control' }];
  try {
    return [200, control(telegram, body === '' ? {} : JSON.parse(body))];
  } catch (error) {
    return [400, { error: error instanceof Error ? error.message : 'failed' }];
  }
}

const telegram = await startFakeTelegram();
const control = await startLoopbackServer((request, response, body) =>
  replyJson(response, ...handle(telegram, request.url ?? '', body.toString())),
);
process.stdout.write(`${JSON.stringify({ apiRoot: telegram.apiRoot, control: control.url })}\n`);
