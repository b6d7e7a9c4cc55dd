import { z } from 'zod';
import type { DispatchContext } from '../inbound/dispatch-schema.js';
import { snowflakeSchema } from '../snowflake.js';

/** Channel types that contain forum posts. */
const FORUM_KINDS = [15, 16];
const THREAD_KINDS = [10, 11, 12];
/** Number of messages whose authors are remembered, for deletions and reactions. */
const REMEMBERED = 10_000;

const channelSchema = z.object({
  id: snowflakeSchema,
  type: z.int(),
  parent_id: z.string().nullish(),
  owner_id: z.string().nullish(),
  last_message_id: snowflakeSchema.nullish(),
});

const guildSchema = z.object({
  id: snowflakeSchema,
  channels: z.array(channelSchema).catch([]),
  threads: z.array(channelSchema).catch([]),
  roles: z
    .array(z.object({ id: z.string(), tags: z.object({ bot_id: z.string().nullish() }).nullish() }))
    .catch([]),
});

const messageSchema = z.object({ id: z.string(), author: z.object({ id: z.string() }) });
const aboutSchema = z.object({
  channel_id: z.string().nullish(),
  id: z.string().nullish(),
  message_id: z.string().nullish(),
});
const readySchema = z.object({ user: z.object({ id: snowflakeSchema }) });

export interface GuildChannel {
  readonly id: string;
  readonly guildId: string;
  readonly lastMessageId: string | undefined;
}

/** Facts from the gateway that a single event lacks, such as who we are and who owns a thread. */
export class Knowledge {
  private botId: string | undefined;
  private readonly roleIds = new Set<string>();
  private readonly forums = new Set<string>();
  private readonly threads = new Map<string, NonNullable<DispatchContext['thread']>>();
  private readonly authors = new Map<string, string>();

  constructor(botId?: string) {
    this.botId = botId;
  }

  /** Learns from any event. Returns the channels of a guild that just became known. */
  learn(t: string, d: unknown): readonly GuildChannel[] {
    switch (t) {
      case 'READY':
        this.botId = readySchema.safeParse(d).data?.user.id ?? this.botId;
        return [];
      case 'GUILD_CREATE':
        return this.learnGuild(d);
      case 'CHANNEL_CREATE':
      case 'CHANNEL_UPDATE':
      case 'THREAD_CREATE':
      case 'THREAD_UPDATE':
        this.learnChannel(d);
        return [];
      case 'THREAD_LIST_SYNC':
        for (const thread of z.object({ threads: z.array(z.unknown()) }).safeParse(d).data?.threads ?? [])
          this.learnChannel(thread);
        return [];
      case 'MESSAGE_CREATE': {
        const message = messageSchema.safeParse(d).data;
        if (message !== undefined) this.remember(message.id, message.author.id);
        return [];
      }
      default:
        return [];
    }
  }

  about(t: string, d: unknown): DispatchContext {
    const subject = aboutSchema.safeParse(d).data ?? {};
    const thread = subject.channel_id ? this.threads.get(subject.channel_id) : undefined;
    const messageId = t === 'MESSAGE_DELETE' ? subject.id : subject.message_id;
    const authorId = messageId ? this.authors.get(messageId) : undefined;
    return {
      botRoleIds: [...this.roleIds],
      ...(this.botId === undefined ? {} : { botId: this.botId }),
      ...(thread === undefined ? {} : { thread }),
      ...(authorId === undefined ? {} : { authorId }),
    };
  }

  private learnGuild(d: unknown): readonly GuildChannel[] {
    const guild = guildSchema.safeParse(d).data;
    if (guild === undefined) return [];
    for (const { id, tags } of guild.roles) {
      if (tags?.bot_id && tags.bot_id === this.botId) this.roleIds.add(id);
    }
    const all = [...guild.channels, ...guild.threads];
    for (const channel of all) this.learnChannel(channel);
    return all.map(({ id, last_message_id: last }) => ({
      id,
      guildId: guild.id,
      lastMessageId: last ?? undefined,
    }));
  }

  private learnChannel(d: unknown): void {
    const channel = channelSchema.safeParse(d).data;
    if (channel === undefined) return;
    const { id, type, parent_id: parentId, owner_id: ownerId } = channel;
    if (FORUM_KINDS.includes(type)) this.forums.add(id);
    if (!THREAD_KINDS.includes(type)) return;
    this.threads.set(id, {
      isPost: parentId ? this.forums.has(parentId) : false,
      ...(ownerId ? { ownerId } : {}),
      ...(parentId ? { parentId } : {}),
    });
  }

  private remember(messageId: string, authorId: string): void {
    this.authors.set(messageId, authorId);
    const [oldest] = this.authors.keys();
    if (this.authors.size > REMEMBERED && oldest !== undefined) this.authors.delete(oldest);
  }
}
