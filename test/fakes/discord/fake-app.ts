import { generateKeyPairSync, sign } from 'node:crypto';
import { Faults } from './faults.js';
import { Gateway } from './gateway.js';
import { Interactions } from './interactions.js';
import { Journal } from './journal.js';
import { RateLimits } from './rate-limits.js';
import type { FakeChannel, FakeGuild, FakeMessage, FakeUser, Json } from './types.js';
import type { World } from './world.js';

export interface FakeAppOptions {
  /** Whether the Message Content intent is switched on in the developer portal. */
  readonly messageContent?: boolean;
}

/** Application flag of a small bot that has the Message Content intent. */
const MESSAGE_CONTENT_LIMITED = 1 << 19;

/** An application and its bot. */
export class FakeApp {
  readonly id: string;
  readonly user: FakeUser;
  readonly journal = new Journal();
  readonly faults = new Faults();
  readonly limits: RateLimits;
  readonly gateway: Gateway;
  readonly interactions: Interactions;
  /** Slash commands by guild; `''` holds the global ones. */
  readonly commands = new Map<string, readonly Json[]>();
  /** Messages by channel and nonce, with their creation time. */
  readonly nonces = new Map<string, { readonly message: FakeMessage; readonly at: number }>();
  messageContent: boolean;
  isRevoked = false;
  /** People who do not accept messages from the bot. */
  readonly blockedBy = new Set<string>();
  /** URL to post interactions to instead of using the gateway. */
  interactionsUrl: string | undefined;
  private readonly keys = generateKeyPairSync('ed25519');

  constructor(
    readonly world: World,
    readonly token: string,
    { messageContent = true }: FakeAppOptions,
  ) {
    this.id = idInToken(token) ?? world.id();
    const username = `sapa-${this.id.slice(-4)}`;
    this.user = { id: this.id, username, global_name: null, discriminator: '0', avatar: null, bot: true };
    this.messageContent = messageContent;
    this.limits = new RateLimits(world.options.rateLimits);
    this.gateway = new Gateway(this);
    this.interactions = new Interactions(this);
  }

  /** In hex, as the developer portal shows it. */
  get publicKey(): string {
    return this.keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  }

  get flags(): number {
    return this.messageContent ? MESSAGE_CONTENT_LIMITED : 0;
  }

  /** Headers of a signed call to the interactions endpoint. */
  signed(body: string, timestamp = String(Math.floor(this.world.now() / 1000))): Record<string, string> {
    return {
      'content-type': 'application/json',
      'x-signature-ed25519': sign(null, Buffer.from(timestamp + body), this.keys.privateKey).toString('hex'),
      'x-signature-timestamp': timestamp,
    };
  }

  data(): Json {
    return {
      id: this.id,
      name: this.user.username,
      icon: null,
      description: '',
      bot_public: true,
      bot_require_code_grant: false,
      verify_key: this.publicKey,
      flags: this.flags,
      bot: this.user,
      interactions_endpoint_url: this.interactionsUrl ?? null,
    };
  }

  /** A guild as it appears in GUILD_CREATE. */
  guildData(guild: FakeGuild): Json {
    const own = [...this.world.channels.values()].filter(
      ({ guildId, denied }) => guildId === guild.id && !denied.has('VIEW_CHANNEL'),
    );
    const isThread = ({ type }: FakeChannel): boolean => type === 11;
    const data = (channels: readonly FakeChannel[]): readonly Json[] =>
      channels.map((channel) => this.world.channelData(channel));
    return {
      id: guild.id,
      name: guild.name,
      owner_id: guild.ownerId,
      roles: guild.roles.map(({ id, name }, position) => ({
        id,
        name,
        position,
        permissions: '2222085186637376',
        color: 0,
        colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
        hoist: false,
        managed: position > 0,
        mentionable: false,
        flags: 0,
        ...(name === this.user.username ? { tags: { bot_id: this.id } } : {}),
      })),
      channels: data(own.filter((channel) => !isThread(channel))),
      threads: data(own.filter((channel) => isThread(channel) && !channel.archived)),
      members: [
        {
          user: this.user,
          roles: [],
          joined_at: '2024-01-01T00:00:00.000Z',
          deaf: false,
          mute: false,
          flags: 0,
        },
      ],
      emojis: [],
      stickers: [],
      features: [],
      presences: [],
      voice_states: [],
      stage_instances: [],
      guild_scheduled_events: [],
      soundboard_sounds: [],
      member_count: 2,
      large: false,
      unavailable: false,
      joined_at: '2024-01-01T00:00:00.000Z',
      preferred_locale: 'en-US',
      premium_tier: 0,
      verification_level: 0,
      nsfw_level: 0,
      default_message_notifications: 0,
      explicit_content_filter: 0,
      mfa_level: 0,
      system_channel_flags: 0,
      afk_timeout: 300,
    };
  }
}

/** The first part of a bot's token is its id in base64. */
function idInToken(token: string): string | undefined {
  const decoded = Buffer.from(token.split('.')[0] ?? '', 'base64').toString();
  return /^\d{17,20}$/.test(decoded) ? decoded : undefined;
}

/** A bot token in Discord's format, for the bot with this id. */
export function tokenFor(id: string): string {
  return `${Buffer.from(id).toString('base64').replace(/=+$/, '')}.Gabcde.AA-secret_part_of_the_token_${id.slice(-4)}`;
}
