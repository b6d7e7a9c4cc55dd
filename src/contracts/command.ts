import type { Button, ChannelAccount, Suggestion, SuggestionRequest } from './channel.js';
import type { CommandFile, CommandOptions, OptionValues } from './command-option.js';
import type { MessageKey, Translate } from './i18n.js';
import type { Locale } from './message.js';
import type { Contact, Conversation, TenantScope } from './stores.js';

export type { CommandFile, CommandOption, CommandOptions, OptionValues } from './command-option.js';

/** Changes settings of this tenant; settings the change does not name stay as they are. */
export type UpdateSettings = (scope: TenantScope, change: Partial<TenantScope['settings']>) => Promise<void>;

/** Uses up a one-time staff code. `false`: unknown, used or expired. */
export type ClaimStaff = (scope: TenantScope, code: string, contact: Contact) => Promise<boolean>;

/** Rates the newest answer in the conversation; `false` if there is none. */
export type RateAnswer = (
  scope: TenantScope,
  conversationId: string,
  rating: 'up' | 'down',
  comment?: string,
) => Promise<boolean>;

/** `Services` lists only the services this command uses. */
export interface CommandContext<Services = unknown> {
  readonly scope: TenantScope;
  readonly contact: Contact;
  readonly conversation: Conversation;
  readonly isStaff: boolean;
  readonly locale: Locale;
  readonly t: Translate;
  readonly now: Date;
  /** The id the turn will have, so that its buttons can refer to it. */
  readonly turnId: string;
  /** Files of an earlier turn of this conversation; without an id, those received last. */
  earlierFiles(turnId?: string): Promise<readonly CommandFile[]>;
  /** Key of the inbox event that carries the command; unchanged when the command is retried. */
  readonly eventKey: string;
  readonly signal: AbortSignal;
  readonly commands: readonly Command[];
  readonly services: Services;
}

/** A picture, table or other file that a command sends. */
export interface ReplyFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface CommandReply {
  /** Markdown, already translated. Text by other people was passed through `escapeMarkdown`. */
  readonly text: string;
  /** A button whose action starts with `/` runs that command with the rest as its arguments. */
  readonly buttons?: readonly (readonly Button[])[];
  /** Sent after the text, which must be enough by itself where a channel carries no files. */
  readonly files?: readonly ReplyFile[];
  /**
   * The reply asks for input: the next message that is not a command is appended to this line and read as a
   * command, e.g. `/predict answer`. Anything else the person does cancels the question.
   */
  readonly asks?: string;
  /** The language of the reply, if the command changed it. */
  readonly locale?: Locale;
}

/** The context of somebody filling in an option. */
export interface SuggestionContext<Services = unknown> {
  readonly scope: TenantScope;
  /** What they have typed so far, trimmed; often empty. */
  readonly typed: string;
  readonly locale: Locale;
  readonly services: Services;
}

/** Suggested values, best first, within a second; 25 are shown. */
export type Suggest<Services = unknown> = (
  context: SuggestionContext<Services>,
) => Promise<readonly Suggestion[]>;

/** What one form of a command takes and does: the command itself or one of its subcommands. */
export interface CommandAction<Services = unknown> {
  /** Works but appears in no menu or help: for buttons, and for people who were told about it. */
  readonly unlisted?: boolean;
  /** For menus and /help; at most 100 characters in every language. */
  readonly description: MessageKey;
  /** In the order they are typed. */
  readonly options: CommandOptions;
  /** By option name. Choices, contacts and conversations need none. */
  readonly suggest?: Readonly<Record<string, Suggest<Services>>>;
  /** `undefined`: used wrongly in a way the options cannot express; the person is shown the usage. */
  readonly run: (
    context: CommandContext<Services>,
    options: Readonly<Record<string, unknown>>,
  ) => Promise<CommandReply | undefined>;
}

/**
 * A chat command, the same on every channel. Mistakes of the person become replies, not errors. A command
 * declares the services it uses and receives only those: see `withServices`.
 */
export interface Command<Services = unknown> extends CommandAction<Services> {
  /** At most 32 lower-case letters. */
  readonly name: string;
  readonly audience: 'everyone' | 'staff';
  /** Available to staff, and to anyone writing in a thread from which the business answers a conversation. */
  readonly atDesk?: boolean;
  /** Selected by the first word, e.g. `add` of `/kb add`; without one, the command itself runs. */
  readonly subcommands?: Readonly<Record<string, CommandAction<Services>>>;
  /** The subcommand to use when a line has text but names none. */
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

/** A subcommand whose `run` receives its options with their own types. */
export function defineSubcommand<const Options extends CommandOptions, Services>(
  definition: ActionDefinition<Options, Services>,
): CommandAction<Services> {
  // The options are read by this same definition when it runs.
  return definition as unknown as CommandAction<Services>;
}

/** A command whose `run` receives its options with their own types. */
export function defineCommand<const Options extends CommandOptions, Services>(
  definition: Omit<Command<Services>, keyof CommandAction> & ActionDefinition<Options, Services>,
): Command<Services> {
  return definition as unknown as Command<Services>;
}

/** The union of the services that several commands use. */
export type ServicesOf<Commands extends readonly Command<never>[]> = [Commands[number]] extends [
  Command<infer Services>,
]
  ? Services
  : never;

/** The command bound to its services, ready to run. */
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

/** Values for an option somebody is filling in; empty for people who may not use the command. */
export type SuggestValues = (
  scope: TenantScope,
  account: Pick<ChannelAccount, 'id' | 'channel'>,
  request: SuggestionRequest,
) => Promise<readonly Suggestion[]>;
