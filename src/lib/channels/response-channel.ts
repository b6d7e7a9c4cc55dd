import { z } from 'zod';
import type { Channel, ChannelCapabilities, InboundEvent, Reception } from '../../contracts/channel.js';
import { LOCALES } from '../../contracts/message.js';
import type { Clock } from '../../contracts/runtime.js';
import { parseCommand } from '../text/parse-command.js';

/** A message as handed over by our own page, API or terminal. */
const directMessageSchema = z.strictObject({
  event_id: z.string().min(1).max(300),
  user_id: z.string().min(1).max(200),
  text: z.string(),
  name: z.string().max(200).optional(),
  language_tag: z.string().max(40).optional(),
  locale: z.enum(LOCALES).optional(),
});

type DirectMessage = z.output<typeof directMessageSchema>;

/** Capabilities of every such channel. */
export const RESPONSE_CAPABILITIES: ChannelCapabilities = {
  textLimit: 16_000,
  buttons: false,
  typing: false,
  files: false,
  fileLimit: 0,
  edits: false,
  reactions: false,
  bursts: false,
  delivery: 'response',
  sendsFrom: 'anywhere',
  repeatedSend: 'deduplicated',
};

/** A message or command from one person alone with the bot. */
export function directEvent(message: DirectMessage, sentAt: Date): InboundEvent {
  const command = parseCommand(message.text);
  const base = {
    eventId: message.event_id,
    sequence: sentAt.getTime(),
    sentAt,
    chat: { chatId: message.user_id, kind: 'direct' },
    sender: {
      id: message.user_id,
      isBot: false,
      ...(message.name === undefined ? {} : { name: message.name }),
      ...(message.language_tag === undefined ? {} : { languageTag: message.language_tag }),
      ...(message.locale === undefined ? {} : { locale: message.locale }),
    },
    addressed: true,
  } as const;
  if (command !== undefined) {
    const { name, argumentText } = command;
    return { ...base, type: 'command', name, argumentText, files: [] };
  }
  const parts = message.text === '' ? [] : [{ type: 'text', text: message.text } as const];
  return { ...base, type: 'message', messageId: message.event_id, parts };
}

/**
 * A channel of our own whose caller waits for the answer: the API, the web chat and the terminal. Nothing is
 * pushed; the stored answer is the message, so sending only produces a receipt.
 */
export function createResponseChannel(name: string, clock: Clock): Channel<Record<string, never>> {
  return {
    name,
    capabilities: RESPONSE_CAPABILITIES,
    configSchema: z.strictObject({}),
    operatorFields: [],
    compareMessageIds: (a, b) => (a < b ? -1 : Number(a > b)),
    receive(raw): Reception {
      const parsed = directMessageSchema.safeParse(raw);
      if (!parsed.success) return { type: 'rejected', reason: 'not a direct message' };
      return { type: 'event', event: directEvent(parsed.data, clock.now()) };
    },
    send(_target, message) {
      const sentAt = clock.now();
      return Promise.resolve(message.type === 'text' ? { messageId: message.key, sentAt } : { sentAt });
    },
  };
}
