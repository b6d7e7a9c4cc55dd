import type { z } from 'zod';
import type { ChatAddress } from './chat-address.js';
import type { CommandOffers } from './command-menu.js';
import type { AccountState, ConnectionState, PairingRequest } from './connection-state.js';
import type { InboundEvent, Reception } from './inbound-event.js';
import type { FileKind } from './message.js';

export type { ChatAddress, Sender } from './chat-address.js';
export { ChannelError, type ChannelErrorKind } from './channel-error.js';
export type { AccountState, ConnectionState, PairingRequest } from './connection-state.js';
export type { CommandValue, InboundEvent, Reception } from './inbound-event.js';
export type {
  CommandMenuEntry,
  CommandOffers,
  MenuOption,
  Suggestion,
  SuggestionRequest,
} from './command-menu.js';

/** One business's account on a platform: a bot token, a phone number, a web site. */
export interface ChannelAccount<Config = unknown> {
  readonly id: string;
  readonly tenantId: string;
  /** Name of the channel it belongs to, e.g. `telegram`. */
  readonly channel: string;
  /** Parsed by `Channel.configSchema`; may hold secrets, so it is never logged. */
  readonly config: Config;
}

export interface Button {
  readonly label: string;
  /** At most 64 bytes of UTF-8, the lowest platform limit. */
  readonly action: string;
}

/** Deterministic and unique per bubble: the idempotency key where the platform has one. */
type BubbleKey = string;

export type OutboundMessage =
  | {
      readonly type: 'text';
      readonly key: BubbleKey;
      /** Markdown (CommonMark with strikethrough and autolinks), already within `capabilities.textLimit`. */
      readonly text: string;
      readonly buttons?: readonly (readonly Button[])[];
    }
  /** Replaces the text of a message we sent; only where `capabilities.edits`. */
  | {
      readonly type: 'edit';
      readonly key: BubbleKey;
      readonly messageId: string;
      readonly text: string;
      readonly buttons?: readonly (readonly Button[])[];
    }
  /** Only where `capabilities.files`, and at most `capabilities.fileLimit` bytes. */
  | {
      readonly type: 'file';
      readonly key: BubbleKey;
      readonly kind: FileKind;
      readonly fileName: string;
      readonly mediaType: string;
      readonly bytes: Uint8Array;
      /** Markdown. */
      readonly caption?: string;
      readonly buttons?: readonly (readonly Button[])[];
    }
  /** Only where `capabilities.reactions`. An empty emoji removes the reaction. */
  | { readonly type: 'reaction'; readonly messageId: string; readonly emoji: string }
  /** Shows that an answer is being written; sent at most every five seconds. */
  | { readonly type: 'typing' }
  /** Acknowledges a button press to the platform; shows `text` briefly where it can. */
  | { readonly type: 'acknowledge'; readonly interactionToken: string; readonly text?: string };

export interface SendTarget {
  readonly chat: ChatAddress;
  readonly replyToMessageId?: string;
  /** The interaction this message responds to; if it has expired, the message goes to the chat. */
  readonly interaction?: {
    readonly token: string;
    readonly receivedAt: Date;
    /** No earlier bubble of this answer was sent. */
    readonly isFirst: boolean;
  };
}

/** The platform's confirmation that it accepted the message. */
export interface Receipt {
  /** Absent for `typing`, `acknowledge` and `reaction`. */
  readonly messageId?: string;
  readonly sentAt: Date;
}

/** How platforms differ, as data: the core reads these and never a platform's name. */
export interface ChannelCapabilities {
  /** Longest text of one bubble, in UTF-16 code units after rendering. */
  readonly textLimit: number;
  readonly buttons: boolean;
  readonly typing: boolean;
  readonly files: boolean;
  /** Largest file that can be sent, in bytes; 0 where files are not supported. */
  readonly fileLimit: number;
  readonly edits: boolean;
  readonly reactions: boolean;
  /** People send several short messages in a row here; they are joined into one turn. */
  readonly bursts: boolean;
  /** `response`: the answer is returned to the waiting caller instead of being pushed with `send`. */
  readonly delivery: 'push' | 'response';
  /** `connection`: `send` works only in the process that holds the account's connection. */
  readonly sendsFrom: 'anywhere' | 'connection';
  /** What a repeated `send` with the same key does. With `none`, a lost reply leaves the bubble in doubt. */
  readonly repeatedSend: 'deduplicated' | 'none';
  /** Which Markdown people see on this platform; absent means all of it. */
  readonly shows?: { readonly marks: boolean; readonly namedLinks: boolean };
}

/** What a connection reports to the core. */
export interface ConnectionSink extends CommandOffers {
  /** Platform ids of the current staff, as far as this account knows them. Never rejects. */
  staff(): Promise<readonly string[]>;
  /** The URL the platform may call for this account; absent while the service has no public address. */
  readonly webhookUrl?: string;
  /** Pairing credentials, session keys and gateway sessions: everything that outlives this connection. */
  readonly state: AccountState;
  /**
   * How the owner asked to pair the account, on platforms that pair. A new request reopens the connection.
   */
  readonly pairing?: PairingRequest;
  /**
   * Whether this connection should `accept` the event: where one bot serves several businesses, each of their
   * connections receives everything. Rejects if that cannot be determined right now.
   */
  isOurs(event: InboundEvent): Promise<boolean>;
  /** Resolves once the event is stored durably; only then may the platform be told that it was received. */
  accept(event: InboundEvent): Promise<void>;
  /** Counts an update that is not an event and logs it without its texts. */
  discard(reception: Exclude<Reception, { type: 'event' }>): void;
  changed(state: ConnectionState): void;
  /**
   * Two platform ids turned out to be the same person: from now on everything arrives under `userId`, and
   * what was said under `formerId` belongs to it. `false`: not possible right now, report it again. Never
   * rejects.
   */
  samePerson(userId: string, formerId: string): Promise<boolean>;
}

/** For platforms that we connect to, as opposed to those that call us. */
export interface ChannelConnection<Config> {
  /** How an account can be paired with its owner's phone; absent if it uses a credential. */
  readonly pairsBy?: readonly PairingRequest['method'][];
  /**
   * Runs until `signal` aborts, reconnecting on its own with capped backoff, and resolves once every event it
   * confirmed to the platform is stored. Rejects with a `ChannelError` of kind `unauthorized` when only a
   * person can fix it.
   */
  open(account: ChannelAccount<Config>, sink: ConnectionSink, signal: AbortSignal): Promise<void>;
}

/**
 * The parts of a platform's call outside its body: the headers that authenticate it and the URL as it knows
 * it.
 */
export interface WebhookCall {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: Readonly<Record<string, string>>;
}

/** What the body of a call contains. */
export type WebhookContent =
  /** The body is not from the platform: its signature does not match. */
  | { readonly type: 'refused' }
  | {
      readonly type: 'accepted';
      /** In the platform's order; empty for a mere ping. */
      readonly receptions: readonly Reception[];
      /**
       * JSON the platform expects once the events are stored, or a function that makes it; absent: any
       * success will do.
       */
      readonly answer?: unknown;
    };

/** For platforms that call us, as opposed to those we connect to. Pure, and never throws. */
export interface ChannelWebhook<Config> {
  /** Whether an account with this config receives webhook calls and so needs a public address. */
  isUsedBy(config: Config): boolean;
  /**
   * Decides from the headers, before reading the body, whether this can be the platform. Compares secrets in
   * constant time. Where the platform signs its bodies: whether these are the headers of a signed call.
   */
  admits(call: WebhookCall, account: ChannelAccount<Config>): boolean;
  /**
   * `body` is byte for byte as sent, because that is what signatures cover. Unexpected content from the
   * platform becomes a `rejected` reception: an error response would make the platform resend it forever.
   */
  open(
    call: WebhookCall,
    body: Uint8Array,
    account: ChannelAccount<Config>,
    offers: CommandOffers,
  ): WebhookContent;
}

/** For platforms that carry files. */
export interface ChannelFiles<Config> {
  /** At most `maxBytes`; a larger file throws a `ChannelError` of kind `rejected`. */
  download(
    reference: string,
    account: ChannelAccount<Config>,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
}

/**
 * For platforms that can open a thread inside a chat, so that a conversation of another platform can be
 * mirrored there. Posting is a `send` to the thread's address; what people write there arrives as events with
 * that address.
 */
export interface ChannelThreads<Config> {
  open(
    parent: ChatAddress,
    title: string,
    account: ChannelAccount<Config>,
    signal: AbortSignal,
  ): Promise<ChatAddress>;
  /** Archives the thread without deleting its messages. */
  close(thread: ChatAddress, account: ChannelAccount<Config>, signal: AbortSignal): Promise<void>;
}

/** For platforms on which one bot may serve several businesses, each in its own workspaces. */
export interface ChannelSharing<Config> {
  /** Equal for accounts that are the same bot; not a secret. */
  botOf(config: Config): string;
  /** The workspaces this account serves; empty: all that no other account of the bot serves. */
  workspacesOf(config: Config): readonly string[];
  /** Whether this person belongs to the workspace. Throws `ChannelError`. */
  isMember(
    userId: string,
    workspaceId: string,
    account: ChannelAccount<Config>,
    signal: AbortSignal,
  ): Promise<boolean>;
}

/** A sent message whose confirmation was lost. */
export interface LostSend {
  /** Id of a message that was there before it was sent. */
  readonly after: string;
  readonly buttons?: readonly (readonly Button[])[];
}

/**
 * For platforms that can be searched for a sent message whose confirmation was lost. The process that
 * holds the account's connection does the search: it hears what else happens there.
 */
export interface ChannelRecovery<Config> {
  /** The newest known message id when a send to `target` begins; the sent message's id will be newer. */
  newestId(target: SendTarget, account: ChannelAccount<Config>): string | undefined;
  /** Looks for the message a `send` may have delivered to `target`, given that no other send to it was under way. */
  findSent(
    target: SendTarget,
    lost: LostSend,
    account: ChannelAccount<Config>,
    signal: AbortSignal,
  ): Promise<Receipt | 'not-found'>;
}

/**
 * A platform adapter. `receive` is pure; `send` throws only `ChannelError`. Each optional member is a whole
 * ability that a platform either has or lacks.
 */
export interface Channel<Config = unknown> {
  readonly name: string;
  readonly capabilities: ChannelCapabilities;
  readonly configSchema: z.ZodType<Config>;
  /** Config fields only the operator of the service may set, e.g. the platform's address. */
  readonly operatorFields: readonly string[];
  /** Compares two message ids of one chat: negative when `a` is earlier. */
  compareMessageIds(a: string, b: string): number;
  receive(raw: unknown, account: ChannelAccount<Config>): Reception;
  send(
    target: SendTarget,
    message: OutboundMessage,
    account: ChannelAccount<Config>,
    signal: AbortSignal,
  ): Promise<Receipt>;
  readonly connection?: ChannelConnection<Config>;
  readonly webhook?: ChannelWebhook<Config>;
  readonly files?: ChannelFiles<Config>;
  readonly recovery?: ChannelRecovery<Config>;
  readonly threads?: ChannelThreads<Config>;
  readonly sharing?: ChannelSharing<Config>;
}
