import { FakeApp, type FakeAppOptions } from './fake-app.js';
import { missingAccess, missingPermissions, unknownChannel } from './discord-refusal.js';
import { FakeMember } from './fake-member.js';
import type { RateLimitOptions } from './rate-limits.js';
import { Snowflakes } from './snowflake.js';
import type {
  ChannelType,
  FakeAttachment,
  FakeChannel,
  FakeFile,
  FakeGuild,
  FakeMessage,
  FakeUser,
  Json,
  Permission,
} from './types.js';

export interface WorldOptions {
  readonly rateLimits?: RateLimitOptions;
  readonly heartbeatMs?: number;
  /** Number of shards that `GET /gateway/bot` recommends. */
  readonly shards?: number;
  /** How many times a bot may identify within the window; by default once in five seconds. */
  readonly identifies?: { readonly limit: number; readonly windowMs: number };
  /** How long a session without a connection can be resumed, in ms. */
  readonly resumeWindowMs?: number;
}

/** All of Discord's state: guilds, channels, people, messages, files, applications. */
export class World {
  private aheadMs = 0;
  private readonly ids = new Snowflakes(() => this.now());
  readonly apps = new Map<string, FakeApp>();
  readonly guilds = new Map<string, FakeGuild>();
  readonly channels = new Map<string, FakeChannel>();
  readonly users = new Map<string, FakeUser>();
  readonly messages = new Map<string, FakeMessage>();
  readonly files = new Map<string, FakeFile>();
  private readonly roles = new Map<string, readonly string[]>();
  /** Without a trailing slash; set once the server is listening. */
  base = '';

  constructor(readonly options: WorldOptions = {}) {}

  now(): number {
    return Date.now() + this.aheadMs;
  }

  /** Advances the time, so that tokens expire and nonces are forgotten. */
  advance(ms: number): void {
    this.aheadMs += ms;
  }

  id(): string {
    return this.ids.next();
  }

  /** The application with this token; created on first use. */
  app(token: string, options: FakeAppOptions = {}): FakeApp {
    const app = this.apps.get(token) ?? new FakeApp(this, token, options);
    this.apps.set(token, app);
    this.users.set(app.user.id, app.user);
    return app;
  }

  appOfId(id: string): FakeApp | undefined {
    return [...this.apps.values()].find((app) => app.id === id);
  }

  member(username: string): FakeMember {
    const existing = [...this.users.values()].find((user) => user.username === username);
    const user = existing ?? {
      id: this.id(),
      username,
      global_name: capital(username),
      discriminator: '0',
      avatar: null,
    };
    this.users.set(user.id, user);
    return new FakeMember(this, user);
  }

  guild(name: string, ...apps: readonly FakeApp[]): FakeGuild {
    const id = this.id();
    const guild = {
      id,
      name,
      ownerId: this.id(),
      roles: [{ id, name: '@everyone' }],
      bots: new Set<string>(),
      left: new Set<string>(),
    };
    this.guilds.set(id, guild);
    for (const app of apps) this.invite(app, guild);
    return guild;
  }

  /** Adds a bot to a guild and creates its managed role. */
  invite(app: FakeApp, guild: FakeGuild): void {
    guild.bots.add(app.id);
    guild.roles.push({ id: this.id(), name: app.user.username });
    app.gateway.dispatch('GUILD_CREATE', app.guildData(guild), { guildId: guild.id });
  }

  channel(
    type: ChannelType,
    details: Partial<Omit<FakeChannel, 'id' | 'type' | 'denied'>> = {},
  ): FakeChannel {
    const channel: FakeChannel = {
      id: this.id(),
      type,
      denied: new Set(),
      archived: false,
      locked: false,
      awaitsFirstMessage: false,
      ...details,
    };
    this.channels.set(channel.id, channel);
    return channel;
  }

  textChannel(guild: FakeGuild, name: string): FakeChannel {
    return this.channel(0, { guildId: guild.id, name });
  }

  forum(guild: FakeGuild, name: string): FakeChannel {
    return this.channel(15, { guildId: guild.id, name });
  }

  /** The private channel of a person and a bot. */
  dm(app: FakeApp, user: FakeUser): FakeChannel {
    const existing = [...this.channels.values()].find(
      ({ botId, recipient }) => botId === app.id && recipient?.id === user.id,
    );
    return existing ?? this.channel(1, { recipient: user, botId: app.id });
  }

  thread(parent: FakeChannel, name: string, ownerId: string, awaitsFirstMessage = false): FakeChannel {
    const { guildId, id: parentId, denied } = parent;
    const thread = this.channel(11, {
      name,
      parentId,
      ownerId,
      awaitsFirstMessage,
      ...(guildId === undefined ? {} : { guildId }),
    });
    for (const permission of denied) thread.denied.add(permission);
    for (const app of this.appsIn(thread)) {
      app.gateway.dispatch(
        'THREAD_CREATE',
        { ...this.channelData(thread), newly_created: true },
        scopeOf(thread),
      );
    }
    return thread;
  }

  channelData(channel: FakeChannel): Json {
    const { id, type, guildId, name, parentId, ownerId, lastMessageId, recipient } = channel;
    return {
      id,
      type,
      flags: 0,
      last_message_id: lastMessageId ?? null,
      ...(name === undefined ? {} : { name }),
      ...(guildId === undefined
        ? {}
        : { guild_id: guildId, position: 0, permission_overwrites: [], nsfw: false }),
      ...(parentId === undefined
        ? {}
        : {
            parent_id: parentId,
            owner_id: ownerId,
            message_count: 0,
            member_count: 1,
            thread_metadata: {
              archived: channel.archived,
              locked: channel.locked,
              auto_archive_duration: 1440,
              archive_timestamp: new Date(this.now()).toISOString(),
            },
          }),
      ...(recipient === undefined ? {} : { recipients: [recipient] }),
    };
  }

  /** The bots that can see a channel. */
  appsIn(channel: FakeChannel): readonly FakeApp[] {
    return [...this.apps.values()].filter(
      (app) =>
        (channel.guildId === undefined
          ? channel.botId === app.id
          : this.guilds.get(channel.guildId)?.bots.has(app.id) === true) &&
        !channel.denied.has('VIEW_CHANNEL'),
    );
  }

  /** Returns the channel. Throws if the bot lacks access or permissions. */
  channelFor(app: FakeApp, id: string, ...permissions: readonly Permission[]): FakeChannel {
    const channel = this.channels.get(id);
    if (channel === undefined) throw unknownChannel();
    if (!this.appsIn(channel).includes(app)) throw missingAccess();
    if (permissions.some((permission) => channel.denied.has(permission))) throw missingPermissions();
    return channel;
  }

  /** Stores a message and sends it to the bots that can see its channel. */
  post(
    channel: FakeChannel,
    author: FakeUser,
    content: Partial<FakeMessage>,
    { isSilent = false } = {},
  ): FakeMessage {
    const message: FakeMessage = {
      type: 0,
      content: '',
      edited_timestamp: null,
      tts: false,
      mention_everyone: false,
      mentions: this.mentionsIn(content.content ?? ''),
      mention_roles: Array.from((content.content ?? '').matchAll(/<@&(\d+)>/g), ([, id]) => id),
      attachments: [],
      embeds: [],
      components: [],
      pinned: false,
      flags: 0,
      ...content,
      id: this.id(),
      channel_id: channel.id,
      author,
      timestamp: new Date(this.now()).toISOString(),
    };
    this.messages.set(message.id, message);
    channel.lastMessageId = message.id;
    if (channel.ownerId === author.id) channel.awaitsFirstMessage = false;
    if (!isSilent) this.announce('MESSAGE_CREATE', channel, message);
    return message;
  }

  replace(message: FakeMessage): void {
    this.messages.set(message.id, message);
    const channel = this.channels.get(message.channel_id);
    if (channel !== undefined) this.announce('MESSAGE_UPDATE', channel, message);
  }

  remove(message: FakeMessage): void {
    this.messages.delete(message.id);
    const channel = this.channels.get(message.channel_id);
    if (channel === undefined) return;
    for (const app of this.appsIn(channel)) {
      const data = { id: message.id, channel_id: channel.id, ...guildOf(channel) };
      app.gateway.dispatch('MESSAGE_DELETE', data, scopeOf(channel));
    }
  }

  /** Sends a message event to the bots, each as far as it may see the message. */
  announce(event: string, channel: FakeChannel, message: FakeMessage): void {
    for (const app of this.appsIn(channel)) {
      const inGuild = channel.guildId === undefined ? {} : { member: this.memberData(message.author) };
      const data = { ...message, channel_type: channel.type, ...guildOf(channel), ...inGuild };
      app.gateway.dispatch(event, data, scopeOf(channel));
    }
  }

  /** Sets a person's roles in all guilds, replacing earlier ones. */
  setRoles(user: FakeUser, ...roles: readonly string[]): void {
    this.roles.set(user.id, roles);
  }

  memberData({ id }: FakeUser): Json {
    return { ...MEMBER, roles: this.roles.get(id) ?? [] };
  }

  messagesIn(channelId: string): readonly FakeMessage[] {
    return [...this.messages.values()].filter((message) => message.channel_id === channelId);
  }

  addFile(
    bytes: Uint8Array,
    name = 'file.bin',
    type = 'application/octet-stream',
    size = bytes.byteLength,
  ): FakeFile {
    const path = `/cdn/attachments/${this.id()}/${this.id()}/${encodeURIComponent(name)}`;
    const file = { path, name, type, bytes, size };
    this.files.set(path, file);
    return file;
  }

  attachment(file: FakeFile, details: Json = {}): FakeAttachment {
    const url = `${this.base}${file.path}?ex=${(this.now() + 86_400_000).toString(16)}`;
    return {
      id: this.id(),
      filename: file.name,
      size: file.size,
      content_type: file.type,
      url,
      proxy_url: url,
      ...details,
    };
  }

  mentionsIn(text: string): readonly FakeUser[] {
    const ids = new Set(Array.from(text.matchAll(/<@!?(\d+)>/g), ([, id = '']) => id));
    return [...ids].flatMap((id) => this.users.get(id) ?? []);
  }
}

/** The author's membership as the gateway sends it. */
const MEMBER = {
  roles: [],
  joined_at: '2024-01-01T00:00:00.000Z',
  deaf: false,
  mute: false,
  flags: 0,
};

export interface DispatchScope {
  readonly guildId?: string;
  readonly isDm?: boolean;
}

export function scopeOf(channel: FakeChannel): DispatchScope {
  return channel.guildId === undefined ? { isDm: true } : { guildId: channel.guildId };
}

function guildOf({ guildId }: FakeChannel): Json {
  return guildId === undefined ? {} : { guild_id: guildId };
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
