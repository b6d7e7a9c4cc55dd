import type { FakeApp } from './fake-app.js';
import type { FakeInteraction } from './interactions.js';
import type { FakeChannel, FakeComponent, FakeFile, FakeMessage, FakeUser, Json } from './types.js';
import { scopeOf, type World } from './world.js';

export interface WriteDetails {
  readonly replyTo?: FakeMessage;
  /** Sends the reply without the message it replies to. */
  readonly withoutReferenced?: boolean;
  readonly files?: readonly FakeFile[];
  readonly extra?: Json;
  /** Stores the message without telling the bots, for messages they should fetch. */
  readonly unheard?: boolean;
}

/** A person using Discord: writes, edits, reacts, runs commands, presses buttons. */
export class FakeMember {
  constructor(
    private readonly world: World,
    readonly user: FakeUser,
  ) {}

  dmWith(app: FakeApp): FakeChannel {
    return this.world.dm(app, this.user);
  }

  writes(channel: FakeChannel, content: string, details: WriteDetails = {}): FakeMessage {
    const { replyTo, files = [], extra, unheard = false } = details;
    return this.world.post(
      channel,
      this.user,
      {
        content,
        attachments: files.map((file) => this.world.attachment(file)),
        ...(replyTo === undefined ? {} : this.replying(replyTo, content, details)),
        ...extra,
      },
      { isSilent: unheard },
    );
  }

  mentions(app: FakeApp, channel: FakeChannel, content: string, details: WriteDetails = {}): FakeMessage {
    return this.writes(channel, `<@${app.user.id}> ${content}`, details);
  }

  edits(message: FakeMessage, content: string): void {
    this.world.replace({
      ...message,
      content,
      mentions: this.world.mentionsIn(content),
      edited_timestamp: new Date(this.world.now()).toISOString(),
    });
  }

  deletes(message: FakeMessage): void {
    this.world.remove(message);
  }

  reacts(message: FakeMessage, emoji: string, { takesBack = false } = {}): void {
    const channel = this.channelOf(message);
    const event = takesBack ? 'MESSAGE_REACTION_REMOVE' : 'MESSAGE_REACTION_ADD';
    for (const app of this.world.appsIn(channel)) {
      app.gateway.dispatch(
        event,
        {
          user_id: this.user.id,
          channel_id: channel.id,
          message_id: message.id,
          message_author_id: message.author.id,
          emoji: { id: null, name: emoji },
          burst: false,
          type: 0,
          ...(channel.guildId === undefined ? {} : { guild_id: channel.guildId }),
        },
        scopeOf(channel),
      );
    }
  }

  /** Opens a forum post; with `content`, its first message follows immediately. */
  posts(forum: FakeChannel, title: string, content?: string): FakeChannel {
    const thread = this.world.thread(forum, title, this.user.id, true);
    if (content !== undefined) this.writes(thread, content);
    return thread;
  }

  /** Runs a slash command. Option values are text, numbers, booleans or files. */
  runs(
    app: FakeApp,
    channel: FakeChannel,
    name: string,
    options: Readonly<Record<string, string | number | boolean | FakeFile>> = {},
    { locale = 'en-US', subcommand }: { readonly locale?: string; readonly subcommand?: string } = {},
  ): FakeInteraction {
    const attachments: Record<string, unknown> = {};
    const values = Object.entries(options).map(([option, value]) => {
      if (typeof value !== 'object')
        return { name: option, type: TYPES[typeof value as keyof typeof TYPES], value };
      const attachment = this.world.attachment(value, { ephemeral: true });
      attachments[attachment.id] = attachment;
      return { name: option, type: 11, value: attachment.id };
    });
    const data = {
      id: this.world.id(),
      name,
      type: 1,
      options: subcommand === undefined ? values : [{ name: subcommand, type: 1, options: values }],
      ...(Object.keys(attachments).length === 0 ? {} : { resolved: { attachments } }),
    };
    return app.interactions.start(2, channel, this.user, data, { locale });
  }

  /** Types into a command option with autocomplete. */
  types(app: FakeApp, channel: FakeChannel, command: string, option: string, value: string): FakeInteraction {
    return app.interactions.start(4, channel, this.user, {
      id: this.world.id(),
      name: command,
      type: 1,
      options: [{ name: option, type: 3, value, focused: true }],
    });
  }

  /** Presses the button with this label or id, or picks the entry in a select menu. */
  presses(app: FakeApp, message: FakeMessage, choice: string): FakeInteraction {
    const current = this.world.messages.get(message.id) ?? message;
    const components = current.components.flatMap((row) => row.components);
    const button = components.find(
      ({ type, label, custom_id: id }) => type === 2 && (label === choice || id === choice),
    );
    if (button !== undefined) {
      const data = { custom_id: button.custom_id, component_type: 2 };
      return app.interactions.start(3, this.channelOf(message), this.user, data, { source: current });
    }
    const entry = picked(components, choice);
    if (entry === undefined) throw new Error(`there is no button "${choice}"`);
    return app.interactions.start(3, this.channelOf(message), this.user, entry, { source: current });
  }

  /** Submits a form that the bot showed. */
  submits(
    app: FakeApp,
    channel: FakeChannel,
    customId: string,
    fields: Readonly<Record<string, string>>,
  ): FakeInteraction {
    const components = Object.entries(fields).map(([id, value]) => ({
      type: 1,
      components: [{ type: 4, custom_id: id, value }],
    }));
    return app.interactions.start(5, channel, this.user, { custom_id: customId, components });
  }

  private channelOf(message: FakeMessage): FakeChannel {
    const channel = this.world.channels.get(message.channel_id);
    if (channel === undefined) throw new Error('a message without a channel');
    return channel;
  }

  /** A reply mentions the author it replies to; `withoutReferenced` leaves only the reference. */
  private replying(replyTo: FakeMessage, content: string, { withoutReferenced }: WriteDetails): Json {
    const reference = { message_id: replyTo.id, channel_id: replyTo.channel_id, type: 0 };
    if (withoutReferenced === true) return { type: 19, message_reference: reference };
    const mentions = [replyTo.author, ...this.world.mentionsIn(content)];
    return { type: 19, message_reference: reference, referenced_message: replyTo, mentions };
  }
}

const TYPES = { string: 3, number: 10, boolean: 5 } as const;

function picked(components: readonly FakeComponent[], choice: string): Json | undefined {
  for (const { type, custom_id: id, options = [] } of components) {
    const option = options.find(({ label, value }) => label === choice || value === choice);
    if (type === 3 && option !== undefined)
      return { custom_id: id, component_type: 3, values: [option.value] };
  }
  return undefined;
}
