import type { Button } from './channel.js';
import type { Outreach } from './chat.js';
import type { I18n, MessageKey, Translate } from './i18n.js';
import type { FaqService, KnowledgeService, UnansweredService } from './knowledge.js';
import type { FilePart, Locale } from './message.js';
import type { OpeningHours } from './opening-hours.js';
import type { Contact, Conversation, ServiceStore, TenantScope } from './stores.js';

export interface CommandServices {
  readonly knowledge: KnowledgeService;
  readonly faq: FaqService;
  /** Changes settings of this tenant; `undefined` change values are left alone. */
  updateSettings(scope: TenantScope, change: Partial<TenantScope['settings']>): Promise<void>;
  /** Bytes of a file that came with the command. */
  download(file: FilePart): Promise<Uint8Array>;
  /** The language a text is clearly in. */
  languageOf(text: string): Locale | undefined;
  /** Spends a one-time staff code. `false`: unknown, used or expired. */
  claimStaff(scope: TenantScope, code: string, contact: Contact): Promise<boolean>;
  readonly connectionStates: ServiceStore['connectionStates'];
  readonly unanswered: UnansweredService;
  readonly outreach: Outreach;
  readonly openingHours: OpeningHours;
  /** For a reply in a language other than that of the turn. */
  readonly translator: I18n['translator'];
  /** Stores a rating of the newest answer in the conversation; `false` when there is none. */
  feedback(
    scope: TenantScope,
    conversationId: string,
    rating: 'up' | 'down',
    comment?: string,
  ): Promise<boolean>;
}

export interface CommandContext {
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
  readonly services: CommandServices;
}

export interface CommandReply {
  /** Markdown, already translated. */
  readonly text: string;
  /** A button whose action starts with `/` runs that command with the rest as its arguments. */
  readonly buttons?: readonly (readonly Button[])[];
  /** The language the reply is in, where the command changed it. */
  readonly locale?: Locale;
}

/** One chat command, the same on every channel. Mistakes of the person are replies, not errors. */
export interface Command {
  /** Lower-case letters, at most 32. */
  readonly name: string;
  readonly audience: 'everyone' | 'staff';
  /** For menus and /help. */
  readonly description: MessageKey;
  /** How to write it, shown on wrong use. */
  readonly usage: MessageKey;
  run(context: CommandContext): Promise<CommandReply>;
}
