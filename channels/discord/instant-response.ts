import type { ChannelAccount, CommandOffers, InboundEvent, Reception } from '../../src/contracts/channel.js';
import type { DiscordConfig } from './config.js';
import { formFor, SHOW_FORM } from './forms.js';
import { calledCommand, type CalledCommand } from './inbound/interaction.js';
import {
  commandDataSchema,
  INTERACTION,
  interactionSchema,
  type DiscordInteraction,
} from './inbound/dispatch-schema.js';
import { shorten } from '../../src/lib/text/shorten.js';

const SUGGEST = 8;
const MAX_SUGGESTION = 100;
const MAX_SUGGESTIONS = 25;

export interface InstantResponse {
  readonly interaction: DiscordInteraction;
  /** Body of the first and only response. Never rejects. */
  readonly answer: Promise<object> | object;
}

interface InteractionContext {
  readonly account: ChannelAccount<DiscordConfig>;
  readonly offers: CommandOffers;
  readonly receive: (raw: unknown, account: ChannelAccount<DiscordConfig>) => Reception;
}

/**
 * Handles what is answered here without the core: autocomplete suggestions and forms. `undefined`: anything
 * else.
 */
export function instantResponse(
  d: unknown,
  { account, offers, receive }: InteractionContext,
): InstantResponse | undefined {
  const interaction = interactionSchema.safeParse(d).data;
  if (interaction === undefined) return undefined;
  const isTyping = interaction.type === INTERACTION.autocomplete;
  if (!isTyping && interaction.type !== INTERACTION.command) return undefined;
  const raw = { t: 'INTERACTION_CREATE', d: { ...interaction, type: INTERACTION.command } };
  const reception = receive(raw, account);
  const data = commandDataSchema.safeParse(interaction.data).data;
  if (reception.type !== 'event' || data === undefined) return undefined;
  const called = calledCommand(data);
  if (isTyping) return { interaction, answer: suggestions(called, reception.event, offers) };
  const form = formFor(called, offers.menu, interaction.locale ?? undefined);
  return form === undefined ? undefined : { interaction, answer: { type: SHOW_FORM, data: form } };
}

async function suggestions(
  called: CalledCommand,
  { chat, sender }: InboundEvent,
  offers: CommandOffers,
): Promise<object> {
  const option = called.options.find(({ focused }) => focused === true);
  const matches =
    option === undefined
      ? []
      : await offers.suggest({
          chat,
          sender,
          command: called.name,
          ...(called.subcommand === undefined ? {} : { subcommand: called.subcommand }),
          option: option.name,
          typed: String(option.value ?? ''),
        });
  const choices = matches.slice(0, MAX_SUGGESTIONS).map(({ label, value }) => ({
    name: shorten(label, MAX_SUGGESTION) || shorten(value, MAX_SUGGESTION),
    value: shorten(value, MAX_SUGGESTION, ''),
  }));
  return { type: SUGGEST, data: { choices } };
}
