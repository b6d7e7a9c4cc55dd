import type { z } from 'zod';
import type { ChatAddress, Sender } from './chat-address.js';
import type { CommandOffers } from './command-menu.js';
import type { AccountState, ConnectionState, PairingRequest } from './connection-state.js';
import type { FileKind, FilePart, MessagePart, QuotedMessage } from './message.js';

export type { ChatAddress, Sender } from './chat-address.js';
export type { AccountState, ConnectionState, PairingRequest } from './connection-state.js';
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

interface InboundBase {
  /** The platform's own id of this event, unique within the account: the duplicate key. */
  readonly eventId: string;
  /** Orders events of one account as the platform does. */
  readonly sequence: number;
  readonly sentAt: Date;
  /** The platform kept it because nobody was there to take it; its age is real, whatever a clock says. */
  readonly wasKept?: true;
  readonly chat: ChatAddress;
  readonly sender: Sender;
  /** The guild, team or community of the chat, where one bot serves several, each of another business. */
  readonly workspaceId?: string;
}

/** What a platform tells us, in neutral form. */
export type InboundEvent =
  | (InboundBase & {
      readonly type: 'message';
      readonly messageId: string;
      readonly parts: readonly MessagePart[];
      /** In a group: the bot was mentioned or replied to. Always true in a direct chat. */
      readonly addressed: boolean;
      readonly replyToMessageId?: string;
      readonly quoted?: QuotedMessage;
      /** Messages with the same album id belong to one album. */
      readonly albumId?: string;
    })
  | (InboundBase & {
      readonly type: 'command';
      readonly messageId?: string;
      /** Without the slash, lower case. */
      readonly name: string;
      /** Everything after the name, as typed, or as it could be typed. */
      readonly argumentText: string;
      /** Where the platform asks for each option by its name; the text is only shown then. */
      readonly options?: Readonly<Record<string, CommandValue>>;
      readonly subcommand?: string;
      readonly files: readonly FilePart[];
      readonly addressed: boolean;
      /** The answer belongs to this call of the platform, as long as that lasts. */
      readonly interactionToken?: string;
    })
  | (InboundBase & {
      readonly type: 'action';
      /** The data of the button that was pressed, as we made it. */
      readonly action: string;
      readonly messageId?: string;
      /** Must be acknowledged to the platform with this token, where it wants that. */
      readonly interactionToken?: string;
      /** What was filled in, where the action opened a form. */
      readonly fields?: Readonly<Record<string, string>>;
    })
  | (InboundBase & {
      readonly type: 'edit';
      readonly messageId: string;
      readonly parts: readonly MessagePart[];
      /** As of a message. In a group an edit counts only where the message was ours, or is now. */
      readonly addressed: boolean;
    })
  | (InboundBase & { readonly type: 'delete'; readonly messageId: string })
  | (InboundBase & {
      readonly type: 'reaction';
      /** The message reacted to. */
      readonly messageId: string;
      /** Empty when the reaction was taken back. */
      readonly emoji: string;
    })
  /** The business wrote in this chat itself, from a device of its own: a person has taken over. */
  | (InboundBase & {
      readonly type: 'own-message';
      readonly messageId: string;
      readonly parts: readonly MessagePart[];
    });

/** A value of a command's option; a file is given by its place in `files`. */
export type CommandValue = string | number | boolean;

/** What `receive` made of a raw update. */
export type Reception =
  | { readonly type: 'event'; readonly event: InboundEvent }
  /** Understood and of no interest: acknowledged, counted, dropped. */
  | { readonly type: 'ignored'; readonly reason: string }
  /** Not what the platform promises to send: acknowledged, kept raw in the log, counted. */
  | { readonly type: 'rejected'; readonly reason: string };

export interface Button {
  readonly label: string;
  /** At most 64 bytes of UTF-8, the smallest platform limit. */
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
  /** Replaces the text of a message that we sent; only where `capabilities.edits`. */
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
  /** Only where `capabilities.reactions`. An empty emoji takes it back. */
  | { readonly type: 'reaction'; readonly messageId: string; readonly emoji: string }
  /** Shows that an answer is under way; sent at most every five seconds. */
  | { readonly type: 'typing' }
  /** Tells the platform that a button press was seen; shows `text` briefly where it can. */
  | { readonly type: 'acknowledge'; readonly interactionToken: string; readonly text?: string };

export interface SendTarget {
  readonly chat: ChatAddress;
  readonly replyToMessageId?: string;
  /** The call of the platform that this message answers; where it is too old, the chat is written to. */
  readonly interaction?: {
    readonly token: string;
    readonly receivedAt: Date;
    /** No bubble of this answer was sent before. */
    readonly isFirst: boolean;
  };
}

/** The platform's proof that it took the message. */
export interface Receipt {
  /** Absent for `typing`, `acknowledge` and `reaction`. */
  readonly messageId?: string;
  readonly sentAt: Date;
}

/** What differs between platforms, as data: the core compares these, never a name. */
export interface ChannelCapabilities {
  /** Longest text of one bubble, in UTF-16 code units after rendering. */
  readonly textLimit: number;
  readonly buttons: boolean;
  readonly typing: boolean;
  readonly files: boolean;
  /** Largest file that can be sent, in bytes; 0 where none can. */
  readonly fileLimit: number;
  readonly edits: boolean;
  readonly reactions: boolean;
  /** People send several short messages in a row there, which are joined to one turn. */
  readonly bursts: boolean;
  /** The answer is returned to the caller that waits for it instead of being pushed with `send`. */
  readonly delivery: 'push' | 'response';
  /** `connection`: `send` works only in the process that holds the account's connection. */
  readonly sendsFrom: 'anywhere' | 'connection';
  /** What a repeated `send` with the same key does. `none`: a lost reply leaves the bubble in doubt. */
  readonly repeatedSend: 'deduplicated' | 'none';
  /** What of Markdown people see there; absent: all of it. */
  readonly shows?: { readonly marks: boolean; readonly namedLinks: boolean };
}

/** What a connection hands to the core. */
export interface ConnectionSink extends CommandOffers {
  /** Platform ids of the people who are staff now, where this account knows them. Never rejects. */
  staff(): Promise<readonly string[]>;
  /** Where the platform may call for this account; absent while the service has no public address. */
  readonly webhookUrl?: string;
  /** Pairing credentials, session keys, gateway sessions: whatever outlives this connection. */
  readonly state: AccountState;
  /** How the owner asked to pair the account, where the platform pairs. A new wish opens the connection anew. */
  readonly pairing?: PairingRequest;
  /**
   * Whether `accept` is this connection's to call: where one bot serves several businesses, each of
   * their connections hears everything. Rejects where that cannot be found out now.
   */
  isOurs(event: InboundEvent): Promise<boolean>;
  /** Resolves when the event is stored durably: only then may the platform be told "received". */
  accept(event: InboundEvent): Promise<void>;
  /** An update that is not an event: counted, and kept in the log without its texts. */
  discard(reception: Exclude<Reception, { type: 'event' }>): void;
  changed(state: ConnectionState): void;
  /**
   * Two ids of the platform turned out to be one person: from now on all comes under `userId`, and
   * what was said with `formerId` belongs there. `false`: not now, say it again. Never rejects.
   */
  samePerson(userId: string, formerId: string): Promise<boolean>;
}

/** The power of platforms that are connected to, rather than calling us. */
export interface ChannelConnection<Config> {
  /** How an account may be paired with its owner's phone; absent: it has a credential instead. */
  readonly pairsBy?: readonly PairingRequest['method'][];
  /**
   * Runs until `signal` aborts, reconnecting by itself with capped backoff, and then resolves
   * once every event it confirmed to the platform is stored. Rejects with a `ChannelError` of
   * kind `unauthorized` when only a person can help.
   */
  open(account: ChannelAccount<Config>, sink: ConnectionSink, signal: AbortSignal): Promise<void>;
}

/** What a platform says before its body: what it proves itself with, and what it repeats of our URL. */
export interface WebhookCall {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: Readonly<Record<string, string>>;
}

/** What is in the body of a call. */
export type WebhookContent =
  /** The body is not from the platform: its signature is wrong. */
  | { readonly type: 'refused' }
  | {
      readonly type: 'accepted';
      /** In the platform's order; none for a mere sign of life. */
      readonly receptions: readonly Reception[];
      /** JSON that the platform wants to hear once they are stored, or what becomes it; absent: any success will do. */
      readonly answer?: unknown;
    };

/** The power of platforms that call us, rather than being connected to. Pure, and never throws. */
export interface ChannelWebhook<Config> {
  /** Whether an account with this config is called: it needs a public address then. */
  isUsedBy(config: Config): boolean;
  /**
   * Before a byte of the body is read: may this be the platform? Compares secrets in constant time.
   * Where the platform signs its bodies: are the headers those of a signed call?
   */
  admits(call: WebhookCall, account: ChannelAccount<Config>): boolean;
  /**
   * `body` is as it was sent, byte for byte, for that is what signatures cover. What the platform
   * sent but never promised is a `rejected` reception: refusing it would bring it again for ever.
   */
  open(
    call: WebhookCall,
    body: Uint8Array,
    account: ChannelAccount<Config>,
    offers: CommandOffers,
  ): WebhookContent;
}

/** The power of platforms that carry files. */
export interface ChannelFiles<Config> {
  /** At most `maxBytes`; a larger file is a `ChannelError` of kind `rejected`. */
  download(
    reference: string,
    account: ChannelAccount<Config>,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
}

/**
 * The power to open a thread inside a chat, so that a conversation of another platform can be
 * mirrored into it. Posting is `send` to the thread's address; what people write there arrives
 * as events of that address.
 */
export interface ChannelThreads<Config> {
  open(
    parent: ChatAddress,
    title: string,
    account: ChannelAccount<Config>,
    signal: AbortSignal,
  ): Promise<ChatAddress>;
  /** Archives the thread; what was written stays. */
  close(thread: ChatAddress, account: ChannelAccount<Config>, signal: AbortSignal): Promise<void>;
}

/** The power of platforms on which one bot may serve several businesses, each in workspaces of its own. */
export interface ChannelSharing<Config> {
  /** Equal for accounts that are the same bot; not a secret. */
  botOf(config: Config): string;
  /** Where this account serves; none: wherever no other account of the bot does. */
  workspacesOf(config: Config): readonly string[];
  /** Is this person in the workspace? Throws `ChannelError`. */
  isMember(
    userId: string,
    workspaceId: string,
    account: ChannelAccount<Config>,
    signal: AbortSignal,
  ): Promise<boolean>;
}

/** The power to find out what became of a send whose reply was lost. */
export interface ChannelRecovery<Config> {
  /** The newest message id that is known when a send to `target` begins: what it makes is newer. */
  newestId(target: SendTarget, account: ChannelAccount<Config>): string | undefined;
  /**
   * Looks for a message that `send` may have delivered to `target` after the message
   * `afterMessageId`, and was the only one under way there.
   */
  findSent(
    target: SendTarget,
    afterMessageId: string,
    account: ChannelAccount<Config>,
    signal: AbortSignal,
  ): Promise<Receipt | 'not-found'>;
}

/**
 * A platform. `receive` is pure; `send` throws only `ChannelError`. The optional members are
 * whole powers that a platform has or has not.
 */
export interface Channel<Config = unknown> {
  readonly name: string;
  readonly capabilities: ChannelCapabilities;
  readonly configSchema: z.ZodType<Config>;
  /** Fields of the config that only the operator of the service may set, e.g. the platform's address. */
  readonly operatorFields: readonly string[];
  /** Of two message ids of one chat: negative when `a` is the earlier one. */
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

export type ChannelErrorKind =
  /** Wait `retryAfterMs`, then the same call is welcome. */
  | 'rate-limited'
  /** The credential is refused: nothing will work until a person acts. */
  | 'unauthorized'
  /** The chat, topic or message no longer exists, or the person blocked the bot. */
  | 'gone'
  /** The platform refuses this message; sending it again is useless. */
  | 'rejected'
  /** Nothing was sent: the connection it goes through is down, or held by another process. */
  | 'not-connected'
  /** Not known whether the platform took it: the network or the platform failed. */
  | 'unreachable';

export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  constructor(
    readonly kind: ChannelErrorKind,
    /** Method and reason; never a token. */
    message: string,
    readonly options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }
  get retryAfterMs(): number | undefined {
    return this.options.retryAfterMs;
  }
}
