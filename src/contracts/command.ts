import type { Button } from './channel.js';
import type { MessageKey, Translate } from './i18n.js';
import type { FilePart, Locale } from './message.js';
import type { Contact, Conversation, TenantScope } from './stores.js';

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
  /** Everything after the name, trimmed. */
  readonly argumentText: string;
  readonly files: readonly FilePart[];
  readonly now: Date;
  /** Key of the inbox event that carries the command: the same one when it is run again. */
  readonly eventKey: string;
  readonly signal: AbortSignal;
  readonly commands: readonly Command[];
  /** Bytes of a file that came with the command. */
  download(file: FilePart): Promise<Uint8Array>;
  readonly services: Services;
}

export interface CommandReply {
  /** Markdown, already translated. */
  readonly text: string;
  /** A button whose action starts with `/` runs that command with the rest as its arguments. */
  readonly buttons?: readonly (readonly Button[])[];
  /** The language the reply is in, where the command changed it. */
  readonly locale?: Locale;
}

/**
 * One chat command, the same on every channel. Mistakes of the person are replies, not errors.
 * It names the services it uses, and is given those: see `withServices`.
 */
export interface Command<Services = unknown> {
  /** Lower-case letters, at most 32. */
  readonly name: string;
  readonly audience: 'everyone' | 'staff';
  /** For menus and /help. */
  readonly description: MessageKey;
  /** How to write it, shown on wrong use. */
  readonly usage: MessageKey;
  readonly run: (context: CommandContext<Services>) => Promise<CommandReply>;
}

/** All services that some commands use together. */
export type ServicesOf<Commands extends readonly Command<never>[]> = [Commands[number]] extends [
  Command<infer Services>,
]
  ? Services
  : never;

/** The command with the services it uses, ready to run. */
export function withServices<Services>(command: Command<Services>, services: Services): Command {
  return { ...command, run: (context) => command.run({ ...context, services }) };
}
