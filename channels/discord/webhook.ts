import { createPublicKey, verify } from 'node:crypto';
import type {
  ChannelAccount,
  ChannelWebhook,
  InboundEvent,
  Reception,
  WebhookCall,
} from '../../src/contracts/channel.js';
import { markEphemeral } from './ephemeral.js';
import { instantResponse } from './instant-response.js';
import type { DiscordConfig } from './config.js';
import { INTERACTION } from './inbound/dispatch-schema.js';
import { parseInteractionToken } from './interaction-token.js';
import { firstResponse } from './outbound/acknowledge.js';

const SIGNATURE = 'x-signature-ed25519';
const TIMESTAMP = 'x-signature-timestamp';
/** The DER prefix of a 32-byte Ed25519 public key. */
const KEY_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Calls signed longer ago than this are refused as replays, in ms. */
const MAX_AGE_MS = 5 * 60_000;

/** First responses by type of interaction. */
const PONG = { type: 1 };
const DEFERRED_REPLY = firstResponse({ kind: 'command' });
const DEFERRED_UPDATE = firstResponse({ kind: 'press' });
const NO_CHOICES = { type: 8, data: { choices: [] } };

/**
 * Receives interactions that Discord posts to us instead of using its gateway. Discord occasionally posts one
 * with a wrong signature and removes an endpoint that accepts it.
 */
export function createWebhook(
  receive: (raw: unknown, account: ChannelAccount<DiscordConfig>) => Reception,
  now: () => Date,
): ChannelWebhook<DiscordConfig> {
  return {
    isUsedBy: ({ mode }) => mode === 'http',
    admits: ({ headers }) =>
      /^[0-9a-f]{128}$/i.test(textOf(headers[SIGNATURE])) && isRecent(textOf(headers[TIMESTAMP]), now()),
    open(call, body, account, offers) {
      if (!isSigned(call, body, account.config)) return { type: 'refused' };
      const interaction = parsedOrUndefined(body);
      const instant = instantResponse(interaction, { account, offers, receive });
      if (instant !== undefined) return { type: 'accepted', receptions: [], answer: instant.answer };
      const answer = firstAnswer(interaction);
      if (answer === PONG || answer === NO_CHOICES) return { type: 'accepted', receptions: [], answer };
      const reception = receive({ t: 'INTERACTION_CREATE', d: interaction }, account);
      if (reception.type !== 'event') return { type: 'accepted', receptions: [reception], answer };
      const event = markEphemeral(reception.event, offers.menu);
      return { type: 'accepted', receptions: [{ type: 'event', event }], answer: signOf(event) ?? answer };
    },
  };
}

function signOf(event: InboundEvent): object | undefined {
  if (event.type !== 'command' && event.type !== 'action') return undefined;
  const call = parseInteractionToken(event.interactionToken ?? '');
  return call === undefined ? undefined : firstResponse(call);
}

function firstAnswer(interaction: unknown): unknown {
  const type =
    typeof interaction === 'object' && interaction !== null && 'type' in interaction
      ? interaction.type
      : undefined;
  switch (type) {
    case INTERACTION.ping:
      return PONG;
    case INTERACTION.autocomplete:
      return NO_CHOICES;
    case INTERACTION.component:
      return DEFERRED_UPDATE;
    default:
      return DEFERRED_REPLY;
  }
}

function isRecent(timestamp: string, now: Date): boolean {
  if (!/^\d{1,15}$/.test(timestamp)) return false;
  return Math.abs(now.getTime() - Number(timestamp) * 1000) <= MAX_AGE_MS;
}

function isSigned({ headers }: WebhookCall, body: Uint8Array, { publicKey }: DiscordConfig): boolean {
  if (publicKey === undefined) return false;
  const signature = Buffer.from(textOf(headers[SIGNATURE]), 'hex');
  const signed = Buffer.concat([Buffer.from(textOf(headers[TIMESTAMP])), body]);
  try {
    const key = Buffer.concat([KEY_PREFIX, Buffer.from(publicKey, 'hex')]);
    return verify(null, signed, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
  } catch {
    // The key is not a point on the curve.
    return false;
  }
}

function textOf(header: WebhookCall['headers'][string]): string {
  return typeof header === 'string' ? header : '';
}

function parsedOrUndefined(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
