import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Channel, Reception } from '../../src/contracts/channel.js';

const configSchema = z.strictObject({ secret: z.string().min(1), called: z.boolean().default(true) });
export type SigningConfig = z.output<typeof configSchema>;

const messageSchema = z.object({ id: z.string(), at: z.int(), chat: z.string(), text: z.string() });
const bodySchema = z.union([
  z.object({ ping: z.literal(true) }),
  z.object({ messages: z.array(z.unknown()) }),
]);

export const SIGNATURE = 'x-signature';

/** The signature over the raw bytes of a body. */
export function signed(secret: string, body: string | Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/**
 * A platform that calls our webhook, signs the bytes of the body, sends pings, expects a particular response,
 * and delivers several messages in one call.
 */
export function createSigningChannel(): Channel<SigningConfig> {
  const receive = (raw: unknown): Reception => {
    const message = messageSchema.safeParse(raw);
    if (!message.success) return { type: 'rejected', reason: 'not a message' };
    const { id, at, chat, text } = message.data;
    return {
      type: 'event',
      event: {
        type: 'message',
        eventId: id,
        sequence: at,
        sentAt: new Date(at),
        chat: { chatId: chat, kind: 'direct' },
        sender: { id: chat, isBot: false },
        messageId: id,
        parts: [{ type: 'text', text }],
        addressed: true,
      },
    };
  };
  return {
    name: 'signing',
    capabilities: {
      textLimit: 1000,
      buttons: false,
      typing: false,
      files: false,
      fileLimit: 0,
      edits: false,
      reactions: false,
      bursts: false,
      delivery: 'push',
      sendsFrom: 'anywhere',
      repeatedSend: 'deduplicated',
    },
    configSchema,
    operatorFields: [],
    compareMessageIds: (a, b) => Number(a) - Number(b),
    receive,
    send: () => Promise.resolve({ messageId: '1', sentAt: new Date() }),
    webhook: {
      isUsedBy: ({ called }) => called,
      admits: ({ headers }) => /^[0-9a-f]{64}$/.test(String(headers[SIGNATURE])),
      open({ headers }, body, { config }) {
        const signature = Buffer.from(String(headers[SIGNATURE]), 'hex');
        if (!timingSafeEqual(signature, Buffer.from(signed(config.secret, body), 'hex')))
          return { type: 'refused' };
        const parsed = bodySchema.safeParse(parsedOrUndefined(body));
        if (!parsed.success) return { type: 'accepted', receptions: [receive(undefined)] };
        if ('ping' in parsed.data) return { type: 'accepted', receptions: [], answer: { pong: true } };
        return { type: 'accepted', receptions: parsed.data.messages.map(receive), answer: { heard: true } };
      },
    },
  };
}

function parsedOrUndefined(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
