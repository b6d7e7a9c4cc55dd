import type { Button, ChannelAccount, Suggestion, SuggestionRequest } from './channel.js';
import type { CommandFile, CommandOptions, OptionValues } from './command-option.js';
import type { MessageKey, Translate } from './i18n.js';
import type { Locale } from './message.js';
import type { Contact, Conversation, TenantScope } from './stores.js';

export type { CommandFile, CommandOption, CommandOptions, OptionValues } from './command-option.js';

/** Changes settings of this tenant; what the change does not name is left alone. */
export type UpdateSettings = (scope: TenantScope, change: Partial<TenantScope['settings']>) => Promise<void>;

/** Spends a one-time staff code. `false`: unknown, used or expired. */
export type ClaimStaff = (scope: TenantScope, code: string, contact: Contact) => Promise<boolean>;

/** Stores a rating of the newest answer in the conversation; `false` when there is none. */
export type RateAnswer = (
  scope: TenantScope,
  conversationId: string,
  rating: 'up' | 'down',
  comment?: string,
) => Promise<boolean>;

/** `Services` are the few services of the house that the command uses. */
export interface CommandContext<Services = unknown> {
  readonly scope: TenantScope;
  readonly contact: Contact;
  readonly conversation: Conversation;
  readonly isStaff: boolean;
  readonly locale: Locale;
  readonly t: Translate;
  readonly now: Date;
  /** Id the turn will have, for buttons that come back to it. */
  readonly turnId: string;
  /** Files of an earlier turn of this conversation; without an id, the last ones that came. */
  earlierFiles(turnId?: string): Promise<readonly CommandFile[]>;
  /** Key of the inbox event that carries the command: the same one when it is run again. */
  readonly eventKey: string;
  readonly signal: AbortSignal;
  readonly commands: readonly Command[];
  readonly services: Services;
}

/** A picture, a table or another file that a command answers with. */
export interface ReplyFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface CommandReply {
  /** Markdown, already translated. What others wrote in it went through `escapeMarkdown`. */
  readonly text: string;
  /** A button whose action starts with `/` runs that command with the rest as its arguments. */
  readonly buttons?: readonly (readonly Button[])[];
  /** Sent after the text; where a channel carries no files, the text must do. */
  readonly files?: readonly ReplyFile[];
  /**
   * The reply asks for something: the next message without a command is read as this line followed
   * by it, e.g. `/predict answer`. Whatever else the person does ends the question.
   */
  readonly asks?: string;
  /** The language the reply is in, where the command changed it. */
  readonly locale?: Locale;
}

/** Somebody is filling in an option. */
export interface SuggestionContext<Services = unknown> {
  readonly scope: TenantScope;
  /** What they typed so far, trimmed; often nothing. */
  readonly typed: string;
  readonly locale: Locale;
  readonly services: Services;
}

/** What may be meant, the best first, within a second; 25 are shown. */
export type Suggest<Services = unknown> = (
  context: SuggestionContext<Services>,
) => Promise<readonly Suggestion[]>;

/** What one form of a command takes and does: the command itself, or a subcommand of it. */
export interface CommandAction<Services = unknown> {
  /** Works, but stands in no menu and no help: for buttons, and for those who were told of it. */
  readonly unlisted?: boolean;
  /** For menus and /help; at most 100 characters in every language. */
  readonly description: MessageKey;
  /** In the order in which they are typed. */
  readonly options: CommandOptions;
  /** By the name of the option. Choices, contacts and conversations need none. */
  readonly suggest?: Readonly<Record<string, Suggest<Services>>>;
  /** `undefined`: wrongly used, in a way the options cannot say. The person is shown how to use it. */
  readonly run: (
    context: CommandContext<Services>,
    options: Readonly<Record<string, unknown>>,
  ) => Promise<CommandReply | undefined>;
}

/**
 * One chat command, the same on every channel. Mistakes of the person are replies, not errors.
 * It names the services it uses, and is given those: see `withServices`.
 */
export interface Command<Services = unknown> extends CommandAction<Services> {
  /** Lower-case letters, at most 32. */
  readonly name: string;
  readonly audience: 'everyone' | 'staff';
  /** For staff, and for whoever writes in a thread in which the business answers a conversation. */
  readonly atDesk?: boolean;
  /** Chosen by the first word, e.g. `add` of `/kb add`; without one the command itself is run. */
  readonly subcommands?: Readonly<Record<string, CommandAction<Services>>>;
  /** The subcommand that a line means which names none and says more than the command's name. */
  readonly otherwise?: string;
}

interface ActionDefinition<Options extends CommandOptions, Services> {
  readonly unlisted?: boolean;
  readonly description: MessageKey;
  readonly options: Options;
  readonly suggest?: { readonly [Name in keyof Options]?: Suggest<Services> };
  readonly run: (
    context: CommandContext<Services>,
    options: OptionValues<Options>,
  ) => Promise<CommandReply | undefined>;
}

/** A subcommand whose `run` is given its options in their own types. */
export function defineSubcommand<const Options extends CommandOptions, Services>(
  definition: ActionDefinition<Options, Services>,
): CommandAction<Services> {
  // Whoever runs it reads the options by this very definition.
  return definition as unknown as CommandAction<Services>;
}

/** A command whose `run` is given its options in their own types. */
export function defineCommand<const Options extends CommandOptions, Services>(
  definition: Omit<Command<Services>, keyof CommandAction> & ActionDefinition<Options, Services>,
): Command<Services> {
  return definition as unknown as Command<Services>;
}

/** All services that some commands use together. */
export type ServicesOf<Commands extends readonly Command<never>[]> = [Commands[number]] extends [
  Command<infer Services>,
]
  ? Services
  : never;

/** The command with the services it uses, ready to run. */
export function withServices<Services>(command: Command<Services>, services: Services): Command {
  const { name, audience, atDesk = false, subcommands = {}, otherwise } = command;
  const bound = (action: CommandAction<Services>): CommandAction => actionWithServices(action, services);
  return {
    name,
    audience,
    atDesk,
    ...bound(command),
    ...(otherwise === undefined ? {} : { otherwise }),
    subcommands: Object.fromEntries(
      Object.entries(subcommands).map(([subcommand, action]) => [subcommand, bound(action)]),
    ),
  };
}

function actionWithServices<Services>(action: CommandAction<Services>, services: Services): CommandAction {
  const { description, options, run, unlisted = false, suggest = {} } = action;
  return {
    unlisted,
    description,
    options,
    suggest: Object.fromEntries(
      Object.entries(suggest).map(([name, values]): [string, Suggest] => [
        name,
        (context) => values({ ...context, services }),
      ]),
    ),
    run: (context, values) => run({ ...context, services }, values),
  };
}

/** Values for an option that somebody is filling in; none for those who may not use the command. */
export type SuggestValues = (
  scope: TenantScope,
  account: Pick<ChannelAccount, 'id' | 'channel'>,
  request: SuggestionRequest,
) => Promise<readonly Suggestion[]>;
