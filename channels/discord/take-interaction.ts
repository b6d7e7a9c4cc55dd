import type { InboundEvent } from '../../src/contracts/channel.js';
import { formFor, SHOW_FORM } from './forms.js';
import { calledCommand, type CalledCommand } from './inbound/interaction.js';
import {
  commandDataSchema,
  INTERACTION,
  interactionSchema,
  type DiscordInteraction,
} from './inbound/dispatch-schema.js';
import { parseInteractionToken } from './interaction-token.js';
import { defer } from './outbound/acknowledge.js';
import type { Run } from './run.js';

/** Discord waits three seconds for a first sign; it is given after this even when the store is slow, in ms. */
const SIGN_AFTER_MS = 2_000;
/** A sign that failed is tried again this often: it is worth nothing after three seconds. */
const SIGN_TRIES = 3;
const RETRY_MS = 150;
const SUGGEST = 8;
const MAX_SUGGESTION = 100;
const MAX_SUGGESTIONS = 25;

/** What is answered right here, without the core: suggestions, and forms. `true`: it was. */
export async function answerAtOnce(d: unknown, run: Run): Promise<boolean> {
  const interaction = interactionSchema.safeParse(d).data;
  if (interaction === undefined) return false;
  const isTyping = interaction.type === INTERACTION.autocomplete;
  if (!isTyping && interaction.type !== INTERACTION.command) return false;
  const raw = { t: 'INTERACTION_CREATE', d: { ...interaction, type: INTERACTION.command } };
  const reception = run.receive(raw, run.account);
  const data = commandDataSchema.safeParse(interaction.data).data;
  if (reception.type !== 'event' || data === undefined) return false;
  const called = calledCommand(data);
  if (isTyping) {
    await suggest(interaction, called, reception.event, run);
    return true;
  }
  const form = formFor(called, run.sink.menu, interaction.locale ?? undefined);
  if (form === undefined) return false;
  await respond(interaction, { type: SHOW_FORM, data: form }, run);
  return true;
}

async function suggest(
  interaction: DiscordInteraction,
  called: CalledCommand,
  { chat, sender }: InboundEvent,
  run: Run,
): Promise<void> {
  const option = called.options.find(({ focused }) => focused === true);
  if (option === undefined) return;
  const suggestions = await run.sink.suggest({
    chat,
    sender,
    command: called.name,
    ...(called.subcommand === undefined ? {} : { subcommand: called.subcommand }),
    option: option.name,
    typed: String(option.value ?? ''),
  });
  const choices = suggestions.slice(0, MAX_SUGGESTIONS).map(({ label, value }) => ({
    name: label.slice(0, MAX_SUGGESTION) || value.slice(0, MAX_SUGGESTION),
    value: value.slice(0, MAX_SUGGESTION),
  }));
  await respond(interaction, { type: SUGGEST, data: { choices } }, run);
}

async function respond({ id, token }: DiscordInteraction, body: object, run: Run): Promise<void> {
  const { client, signal, logger } = run;
  try {
    await client.call({ method: 'POST', path: `/interactions/${id}/${token}/callback`, body }, signal);
  } catch (error) {
    logger.warn({ error }, 'Discord did not take the answer to an interaction');
  }
}

/** Gives the first sign as soon as the event is stored, and in any case while Discord waits for it. */
export function signWhenStored(event: InboundEvent, stored: Promise<unknown>, run: Run): void {
  const token = tokenOf(event);
  const call = token === undefined ? undefined : parseInteractionToken(token);
  if (token === undefined || call === undefined) return;
  const { clock, signal, logger, signs } = run;
  const patience = new AbortController();
  const late = clock.sleep(SIGN_AFTER_MS, patience.signal).catch(() => undefined);
  const sign = async (): Promise<void> => {
    await Promise.race([stored.catch(() => undefined), late]);
    patience.abort();
    for (let tries = 1; ; tries++) {
      try {
        return await defer(call, { client: run.client, signal });
      } catch (error) {
        if (tries < SIGN_TRIES && !signal.aborted) {
          await clock.sleep(RETRY_MS, signal).catch(() => undefined);
          continue;
        }
        logger.warn({ error }, 'Discord was not told in time that an interaction was seen');
        return undefined;
      }
    }
  };
  signs.giving(token, sign());
}

function tokenOf(event: InboundEvent): string | undefined {
  return event.type === 'command' || event.type === 'action' ? event.interactionToken : undefined;
}
