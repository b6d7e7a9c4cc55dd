import type { ChatAddress, Sender } from './chat-address.js';
import type { FilePart, MessagePart, QuotedMessage } from './message.js';

interface InboundBase {
  /** The platform's own id of this event, unique within the account; duplicates are recognised by it. */
  readonly eventId: string;
  /** Orders the events of one account the way the platform does. */
  readonly sequence: number;
  readonly sentAt: Date;
  /** The platform held it back because nothing was connected; its age is real even if a clock is wrong. */
  readonly wasKept?: true;
  readonly chat: ChatAddress;
  readonly sender: Sender;
  /** The guild, team or community of the chat, where one bot serves several businesses. */
  readonly workspaceId?: string;
}

/** What a platform reports, in neutral form. */
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
      /** Everything after the name, as typed or as it could have been typed. */
      readonly argumentText: string;
      /**
       * Option values by name, where the platform asks for each option; `argumentText` is then only for
       * display.
       */
      readonly options?: Readonly<Record<string, CommandValue>>;
      readonly subcommand?: string;
      readonly files: readonly FilePart[];
      readonly addressed: boolean;
      /** The answer goes to this interaction for as long as the platform keeps it open. */
      readonly interactionToken?: string;
    })
  | (InboundBase & {
      readonly type: 'action';
      /** The data of the pressed button, as we created it. */
      readonly action: string;
      readonly messageId?: string;
      /** The press must be acknowledged with this token, on platforms that require it. */
      readonly interactionToken?: string;
      /** The fields the person filled in, if the action opened a form. */
      readonly fields?: Readonly<Record<string, string>>;
    })
  | (InboundBase & {
      readonly type: 'edit';
      readonly messageId: string;
      readonly parts: readonly MessagePart[];
      /**
       * As for a message. In a group, an edit counts only if the message was or now is addressed to the bot.
       */
      readonly addressed: boolean;
    })
  | (InboundBase & { readonly type: 'delete'; readonly messageId: string })
  | (InboundBase & {
      readonly type: 'reaction';
      /** The message reacted to. */
      readonly messageId: string;
      /** Empty when the reaction was removed. */
      readonly emoji: string;
    })
  /** The business itself wrote in this chat from its own device: a person has taken over. */
  | (InboundBase & {
      readonly type: 'own-message';
      readonly messageId: string;
      readonly parts: readonly MessagePart[];
    });

/** The value of a command option; a file is given by its index in `files`. */
export type CommandValue = string | number | boolean;

/** What `receive` made of a raw update. */
export type Reception =
  | { readonly type: 'event'; readonly event: InboundEvent }
  /** Understood but irrelevant: acknowledged, counted and dropped. */
  | { readonly type: 'ignored'; readonly reason: string }
  /** Not what the platform documents: acknowledged, logged raw and counted. */
  | { readonly type: 'rejected'; readonly reason: string };
