import type { ChatAddress, OutboundMessage } from '../contracts/channel.js';
import { ChannelError } from '../contracts/channel.js';
import type { Connected } from '../contracts/chat.js';
import type { Logger } from '../contracts/runtime.js';
import type { InboxEvent } from '../contracts/turn.js';
import { withDeadline } from '../lib/work/with-deadline.js';

/** Platforms show the typing indicator for about five seconds. */
const TYPING_EVERY_MS = 4_500;
/** The longest an answer waits for a courtesy that precedes it, in ms. */
const PATIENCE_MS = 5_000;

/** Shows the typing indicator until the returned function is called. */
export function keepTyping(
  chat: ChatAddress,
  connected: Connected,
  logger: Logger,
  signal: AbortSignal,
): () => void {
  if (!connected.channel.capabilities.typing) return () => undefined;
  const stopped = new AbortController();
  const either = AbortSignal.any([signal, stopped.signal]);
  const show = (): void => void showTyping(chat, connected, logger, either);
  show();
  const timer = setInterval(show, TYPING_EVERY_MS);
  return () => {
    clearInterval(timer);
    stopped.abort();
  };
}

export function showTyping(
  chat: ChatAddress,
  connected: Connected,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  return sendCourtesy(chat, { type: 'typing' }, connected, logger, signal);
}

/** Acknowledges a button press; otherwise the platform would show a spinner forever. */
export async function acknowledgePress(
  item: InboxEvent,
  notice: string | undefined,
  connected: Connected,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { event } = item;
  if (event.type !== 'action' || event.interactionToken === undefined) return;
  const { chat, interactionToken } = event;
  const text = notice === undefined ? {} : { text: notice };
  await sendCourtesy(chat, { type: 'acknowledge', interactionToken, ...text }, connected, logger, signal);
}

/** Never fails: a missing indicator must not hold up the answer. */
async function sendCourtesy(
  chat: ChatAddress,
  message: Exclude<OutboundMessage, { type: 'text' }>,
  { channel, account }: Connected,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    await withDeadline(signal, PATIENCE_MS, (limited) => channel.send({ chat }, message, account, limited));
  } catch (error) {
    if (!(error instanceof ChannelError)) logger.error({ error }, `${channel.name}: a sign was not shown`);
  }
}
