import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Fault } from './faults.js';
import { startFakeTelegram, type FakeTelegram } from './start-fake-telegram.js';

/**
 * The fake in a process of its own, for tests that kill and restart the product. Prints
 * `{"apiRoot", "control"}` and takes on `control`, all as POST with a JSON body:
 * `/bots {token}` · `/send {token, user, chat?, text}` · `/edit {token, user, chat?, messageId, text}` ·
 * `/press {token, user, chat?, messageId, button}` · `/faults {token, method, faults}` ·
 * `/journal {token}` -> calls, violations, offsets, menus, unconfirmed, webhook, attempts ·
 * `/messages {token, chat}`.
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

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : JSON.parse(text);
}

async function handle(telegram: FakeTelegram, request: IncomingMessage): Promise<[number, unknown]> {
  const control = CONTROLS[request.url ?? ''];
  if (!control) return [404, { error: 'no such control' }];
  try {
    return [200, control(telegram, await readJson(request))];
  } catch (error) {
    return [400, { error: error instanceof Error ? error.message : 'failed' }];
  }
}

const telegram = await startFakeTelegram();
const control = createServer((request, response) => {
  void handle(telegram, request).then(([status, body]) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
});
control.listen(0, '127.0.0.1', () => {
  const { port } = control.address() as AddressInfo;
  process.stdout.write(
    `${JSON.stringify({ apiRoot: telegram.apiRoot, control: `http://127.0.0.1:${port}` })}\n`,
  );
});
