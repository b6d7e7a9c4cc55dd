import type { OutboundMessage, Receipt } from '../../../src/contracts/channel.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import type { DiscordClient } from '../client.js';
import { CODES, hasCode } from '../discord-error.js';
import { parseInteractionToken, type InteractionCall } from '../interaction-token.js';
import { renderMessages } from '../render.js';

/** Flag of a message that only one person can see. */
export const HIDDEN = 64;

/** First responses: "thinking", to be filled in by a reply; for a press, nothing visible. */
const DEFER = {
  command: { type: 5 },
  aside: { type: 5, data: { flags: HIDDEN } },
  press: { type: 6 },
} as const;

interface AcknowledgeContext {
  readonly client: DiscordClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The first response, a placeholder for the one to come. */
export function firstResponse({ kind }: Pick<InteractionCall, 'kind'>): object {
  return DEFER[kind];
}

/**
 * Sends the first response to an interaction, due within three seconds. Accepts one that was already given.
 */
export async function defer(
  call: InteractionCall,
  { client, signal }: Pick<AcknowledgeContext, 'client' | 'signal'>,
): Promise<void> {
  const path = `/interactions/${call.id}/${call.token}/callback`;
  try {
    await client.call({ method: 'POST', path, body: firstResponse(call) }, signal);
  } catch (error) {
    if (!hasCode(error, CODES.alreadyAcknowledged)) throw error;
  }
}

/**
 * Completes an interaction that needs no further answer: shows a press's notice to the person who pressed, or
 * removes the "thinking" of a command answered with nothing. The interaction was already deferred when it was
 * stored.
 */
export async function acknowledge(
  { interactionToken, text }: Extract<OutboundMessage, { type: 'acknowledge' }>,
  context: AcknowledgeContext & { acknowledged(token: string): Promise<void> },
): Promise<Receipt> {
  const call = parseInteractionToken(interactionToken);
  const done = { sentAt: context.clock.now() };
  if (call === undefined) return done;
  await context.acknowledged(interactionToken);
  const [content] = renderMessages(text ?? '');
  try {
    if (content !== undefined) await notice(call, content, context);
    else if (call.kind !== 'press') await takeAway(call, context);
  } catch (error) {
    if (!hasCode(error, CODES.unknownWebhook, CODES.unknownMessage, CODES.invalidWebhookToken)) throw error;
  }
  return done;
}

async function notice(
  call: InteractionCall,
  content: string,
  { client, signal }: AcknowledgeContext,
): Promise<void> {
  const webhook = `/webhooks/${call.applicationId}/${call.token}`;
  const body = { content, allowed_mentions: { parse: [] } };
  if (call.kind !== 'press') {
    await client.call({ method: 'PATCH', path: `${webhook}/messages/@original`, body }, signal);
  } else {
    await client.call({ method: 'POST', path: webhook, body: { ...body, flags: HIDDEN } }, signal);
  }
}

async function takeAway(call: InteractionCall, { client, signal }: AcknowledgeContext): Promise<void> {
  const path = `/webhooks/${call.applicationId}/${call.token}/messages/@original`;
  await client.call({ method: 'DELETE', path }, signal);
}
