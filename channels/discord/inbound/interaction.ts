import type { CommandValue, InboundEvent, Reception, Sender } from '../../../src/contracts/channel.js';
import type { FilePart } from '../../../src/contracts/message.js';
import { staffSign, type DiscordConfig } from '../config.js';
import { toInteractionToken } from '../interaction-token.js';
import { isOverflow } from '../slash-commands.js';
import { sequenceOf, timeOf } from '../snowflake.js';
import { filePart, nameOf } from './content.js';
import {
  commandDataSchema,
  componentDataSchema,
  INTERACTION,
  modalDataSchema,
  type CommandData,
  type DiscordInteraction,
  type DiscordOption,
} from './dispatch-schema.js';
import { event, ignored } from './message.js';

type Settings = Pick<DiscordConfig, 'staffRoles'>;

/** Option types: the two that contain other options, and attachments. */
const SUBCOMMAND = 1;
const GROUP = 2;
const ATTACHMENT = 11;

/** A called command, unwrapped from the subcommands that Discord's limits force it into. */
export interface CalledCommand {
  readonly name: string;
  readonly subcommand?: string;
  readonly options: readonly Pick<DiscordOption, 'name' | 'type' | 'value' | 'focused'>[];
}

export function decodeInteraction(interaction: DiscordInteraction, settings: Settings): Reception {
  switch (interaction.type) {
    case INTERACTION.command:
      return decodeCommand(interaction, settings);
    case INTERACTION.component:
      return decodePress(interaction, settings);
    case INTERACTION.modal:
      return decodeForm(interaction, settings);
    default:
      return ignored('an interaction that is answered at once');
  }
}

function decodeCommand(interaction: DiscordInteraction, settings: Settings): Reception {
  const data = commandDataSchema.safeParse(interaction.data);
  const base = baseOf(interaction, settings);
  if (!data.success || base === undefined) return rejected('not a command');
  const called = calledCommand(data.data);
  const { options, files } = valuesOf(called, data.data);
  return event({
    ...base,
    ...commandOf(called.name, called.subcommand, options, typedText(called)),
    files,
    interactionToken: tokenOf(interaction, 'command'),
  });
}

/** The values typed into a form are the options of the command that opened it. */
function decodeForm(interaction: DiscordInteraction, settings: Settings): Reception {
  const data = modalDataSchema.safeParse(interaction.data);
  const base = baseOf(interaction, settings);
  if (!data.success || base === undefined) return rejected('not a form');
  const fields = Object.fromEntries(
    data.data.components
      .flatMap(({ components, component }) => [...(components ?? []), ...(component ? [component] : [])])
      .map((input) => [input.custom_id, input.value ?? '']),
  );
  const { custom_id: action } = data.data;
  const interactionToken = tokenOf(interaction, 'command');
  const form = parseFormId(action);
  if (form === undefined) return event({ ...base, type: 'action', action, fields, interactionToken });
  return event({ ...base, ...commandOf(form.name, form.subcommand, fields), files: [], interactionToken });
}

function decodePress(interaction: DiscordInteraction, settings: Settings): Reception {
  const data = componentDataSchema.safeParse(interaction.data);
  const base = baseOf(interaction, settings);
  if (!data.success || base === undefined) return rejected('not a press');
  return event({
    ...base,
    type: 'action',
    // A menu replaces buttons that would not fit, so the picked value is the action of the button.
    action: data.data.values?.[0] ?? data.data.custom_id,
    ...(interaction.message ? { messageId: interaction.message.id } : {}),
    interactionToken: tokenOf(interaction, 'press'),
  });
}

export function calledCommand({ name, options }: CommandData): CalledCommand {
  const [first] = options ?? [];
  if (first === undefined || (first.type !== SUBCOMMAND && first.type !== GROUP)) {
    return { name, options: options ?? [] };
  }
  const isOverflowName = isOverflow(name);
  if (first.type === SUBCOMMAND) {
    const inner = first.options ?? [];
    return isOverflowName
      ? { name: first.name, options: inner }
      : { name, subcommand: first.name, options: inner };
  }
  const [second] = first.options ?? [];
  const commandName = isOverflowName ? first.name : name;
  if (second === undefined) return { name: commandName, options: [] };
  return { name: commandName, subcommand: second.name, options: second.options ?? [] };
}

/** The options as they could have been typed; files are left out. */
function typedText({ options }: CalledCommand): string {
  return options
    .filter(({ type }) => type !== ATTACHMENT)
    .map(({ value }) => String(value ?? ''))
    .join(' ');
}

function valuesOf(
  called: CalledCommand,
  { resolved }: CommandData,
): { readonly options: Readonly<Record<string, CommandValue>>; readonly files: readonly FilePart[] } {
  const files: FilePart[] = [];
  const options: Record<string, CommandValue> = {};
  for (const { name, type, value } of called.options) {
    if (value === null || value === undefined) continue;
    if (type !== ATTACHMENT) {
      options[name] = value;
      continue;
    }
    const attachment = resolved?.attachments?.[String(value)];
    if (attachment === undefined) continue;
    files.push(filePart(attachment, {}));
    // Further files of an option that takes several have their own names: `file_2`, `file_3`.
    const isFurther = /^(.+)_\d+$/.exec(name)?.[1];
    if (isFurther === undefined || !(isFurther in options)) options[name] = files.length - 1;
  }
  return { options, files };
}

function commandOf(
  name: string,
  subcommand: string | undefined,
  options: Readonly<Record<string, CommandValue>>,
  display: string = Object.values(options).map(String).join(' '),
) {
  return {
    type: 'command' as const,
    name: name.toLowerCase(),
    ...(subcommand === undefined ? {} : { subcommand }),
    argumentText: subcommand === undefined ? display : `${subcommand} ${display}`.trim(),
    options,
    addressed: true,
  };
}

/** Parses the id of a command's form; `undefined` if it is not one of ours. */
function parseFormId(id: string): { readonly name: string; readonly subcommand?: string } | undefined {
  const [, name, subcommand] = /^\/([a-z0-9_-]+)(?: ([a-z0-9_-]+))?$/.exec(id) ?? [];
  if (name === undefined) return undefined;
  return { name, ...(subcommand === undefined ? {} : { subcommand }) };
}

function baseOf(interaction: DiscordInteraction, settings: Settings) {
  const { id, guild_id: guildId, channel_id: channelId, channel, member, user, locale } = interaction;
  const chatId = channelId ?? channel?.id;
  const person = member?.user ?? user;
  if (!chatId || !person) return undefined;
  const name = member?.nick || nameOf(person);
  const sender: Sender = {
    id: person.id,
    ...(name ? { name } : {}),
    ...(locale ? { languageTag: locale } : {}),
    isBot: person.bot === true,
    ...staffSign(settings, member?.roles),
  };
  const base = {
    eventId: id,
    sequence: sequenceOf(id),
    sentAt: timeOf(id),
    chat: { chatId, kind: guildId ? ('group' as const) : ('direct' as const) },
    sender,
    ...(guildId ? { workspaceId: guildId } : {}),
  };
  return base satisfies Omit<Extract<InboundEvent, { type: 'delete' }>, 'type' | 'messageId'>;
}

function tokenOf(
  { application_id: applicationId, id, token }: DiscordInteraction,
  kind: 'command' | 'press',
): string {
  return toInteractionToken({ kind, applicationId, id, token });
}

function rejected(reason: string): Reception {
  return { type: 'rejected', reason };
}
