import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { FakeApp } from './fake-app.js';
import type { FakeMessage, Json } from './types.js';
import type { DispatchScope } from './world.js';

/** Intents, as bits. */
const GUILDS = 1 << 0;
const GUILD_MESSAGES = 1 << 9;
const GUILD_REACTIONS = 1 << 10;
const DIRECT_MESSAGES = 1 << 12;
const DIRECT_REACTIONS = 1 << 13;
const MESSAGE_CONTENT = 1 << 15;
const GUILD_MEMBERS = 1 << 1;
const PRESENCES = 1 << 8;
const KNOWN_INTENTS = (1 << 26) - 1;

const IDENTIFIES_A_DAY = 1_000;
/** How many dispatches are kept for a resume. */
const BUFFER = 5_000;

interface Dispatch {
  readonly op: 0;
  readonly t: string;
  readonly s: number;
  readonly d: unknown;
}

export interface Session {
  readonly id: string;
  readonly shard: readonly [number, number];
  readonly intents: number;
  seq: number;
  readonly buffer: Dispatch[];
  link: Link | undefined;
  detachedAt: number | undefined;
}

/** A connection; hides from the gateway how payloads are packed. */
export interface Link {
  send(payload: unknown): void;
  close(code: number, reason: string): void;
  /** Breaks the connection without a closing handshake. */
  cut(): void;
}

/** The gateway sessions of one bot. */
export class Gateway {
  readonly sessions = new Map<string, Session>();
  /** Time of each IDENTIFY. */
  readonly identifies: number[] = [];
  /** While set, heartbeats are not answered. */
  isDeaf = false;

  constructor(private readonly app: FakeApp) {}

  get remainingIdentifies(): number {
    return Math.max(0, IDENTIFIES_A_DAY - this.identifies.length);
  }

  /** Sends an event to every session it concerns, as far as its intents allow. */
  dispatch(t: string, d: Json, scope: DispatchScope): void {
    for (const session of this.sessions.values()) {
      if (shardOf(scope, session.shard[1]) !== session.shard[0]) continue;
      const needed = neededIntent(t, scope.isDm === true);
      if (needed !== 0 && (session.intents & needed) === 0) continue;
      this.tell(session, t, t.startsWith('MESSAGE_') ? this.asSeen(d, session, scope) : d);
    }
  }

  /** Sends an event regardless of all rules, for repeated and broken events. */
  tellAll(t: string, d: unknown): void {
    for (const session of this.sessions.values()) this.tell(session, t, d);
  }

  /** Sends the last dispatch of this type again, unchanged. */
  repeat(t: string): void {
    for (const session of this.sessions.values()) {
      const last = session.buffer.filter((dispatch) => dispatch.t === t).at(-1);
      if (last !== undefined) session.link?.send(last);
    }
  }

  /** Sends an opcode to all connections, e.g. 7, 9 or an unknown one. */
  operate(op: number, d: unknown = null): void {
    for (const { link } of this.sessions.values()) link?.send({ op, d, s: null, t: null });
  }

  closeAll(code: number): void {
    for (const { link } of this.sessions.values()) link?.close(code, 'closed by the test');
  }

  cutAll(): void {
    for (const { link } of this.sessions.values()) link?.cut();
  }

  /** Forgets all sessions, so that they cannot be resumed. */
  forgetSessions(): void {
    this.sessions.clear();
  }

  get isConnected(): boolean {
    return [...this.sessions.values()].some(({ link }) => link !== undefined);
  }

  /** Returns the session, or a close code. */
  identify(d: IdentifyData, link: Link): Session | number | 'too soon' {
    const { app } = this;
    if (d.token !== app.token || app.isRevoked) return 4004;
    const [index = 0, count = 1] = d.shard ?? [];
    if (count < 1 || index < 0 || index >= count) return 4010;
    if (!Number.isInteger(d.intents) || d.intents < 0 || d.intents > KNOWN_INTENTS) return 4013;
    if ((d.intents & (GUILD_MEMBERS | PRESENCES)) !== 0) return 4014;
    if ((d.intents & MESSAGE_CONTENT) !== 0 && !app.messageContent) return 4014;
    const now = app.world.now();
    const { limit, windowMs } = app.world.options.identifies ?? { limit: 1, windowMs: 5_000 };
    const recent = this.identifies.filter((at) => now - at < windowMs).length;
    this.identifies.push(now);
    if (recent >= limit) return 'too soon';
    const session: Session = {
      id: randomBytes(16).toString('hex'),
      shard: [index, count],
      intents: d.intents,
      seq: 0,
      buffer: [],
      link,
      detachedAt: undefined,
    };
    for (const [id, other] of this.sessions) {
      if (other.shard[0] === index && other.link === undefined) this.sessions.delete(id);
    }
    this.sessions.set(session.id, session);
    this.welcome(session);
    return session;
  }

  /** Returns `false` if the session no longer exists. */
  resume(d: ResumeData, link: Link): Session | number | false {
    if (d.token !== this.app.token || this.app.isRevoked) return 4004;
    const session = this.sessions.get(d.session_id);
    if (session === undefined) return false;
    const windowMs = this.app.world.options.resumeWindowMs ?? 180_000;
    if (session.detachedAt !== undefined && this.app.world.now() - session.detachedAt > windowMs) {
      this.sessions.delete(session.id);
      return false;
    }
    if (d.seq > session.seq) return 4007;
    session.link?.close(4000, 'resumed elsewhere');
    session.link = link;
    session.detachedAt = undefined;
    for (const missed of session.buffer.filter(({ s }) => s > d.seq)) link.send(missed);
    this.tell(session, 'RESUMED', {});
    return session;
  }

  /** Ends a connection; the close codes 1000 and 1001 also end the session. */
  detach(link: Link, code: number): void {
    for (const session of this.sessions.values()) {
      if (session.link !== link) continue;
      session.link = undefined;
      session.detachedAt = this.app.world.now();
      if (code === 1000 || code === 1001) this.sessions.delete(session.id);
    }
  }

  private welcome(session: Session): void {
    const { app } = this;
    const guilds = [...app.world.guilds.values()].filter(
      ({ id, bots }) => bots.has(app.id) && shardOf({ guildId: id }, session.shard[1]) === session.shard[0],
    );
    this.tell(session, 'READY', {
      v: 10,
      user: app.user,
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      private_channels: [],
      session_id: session.id,
      session_type: 'normal',
      resume_gateway_url: `${app.world.base.replace('http', 'ws')}/resume`,
      shard: session.shard,
      application: { id: app.id, flags: app.flags },
    });
    if ((session.intents & GUILDS) === 0) return;
    for (const guild of guilds) this.tell(session, 'GUILD_CREATE', app.guildData(guild));
  }

  private tell(session: Session, t: string, d: unknown): void {
    const dispatch: Dispatch = { op: 0, t, s: ++session.seq, d };
    session.buffer.push(dispatch);
    if (session.buffer.length > BUFFER) session.buffer.shift();
    session.link?.send(dispatch);
  }

  /**
   * Without the Message Content intent a bot sees content only in private chats, in its own messages and if
   * it is mentioned.
   */
  private asSeen(d: Json, session: Session, { isDm }: DispatchScope): Json {
    if ((session.intents & MESSAGE_CONTENT) !== 0 || isDm === true || d['author'] === undefined) return d;
    const message = d as unknown as FakeMessage;
    const { app } = this;
    if (message.author.id === app.user.id || message.mentions.some(({ id }) => id === app.user.id)) return d;
    return { ...d, content: '', embeds: [], attachments: [], components: [] };
  }
}

export interface IdentifyData {
  readonly token: string;
  readonly intents: number;
  readonly shard?: readonly number[];
  readonly compress?: boolean;
}

export interface ResumeData {
  readonly token: string;
  readonly session_id: string;
  readonly seq: number;
}

export type Socket = WebSocket;

/** Guilds are spread over the shards; private chats all belong to the first. */
function shardOf({ guildId }: DispatchScope, count: number): number {
  return guildId === undefined ? 0 : Number((BigInt(guildId) >> 22n) % BigInt(count));
}

function neededIntent(t: string, isDm: boolean): number {
  if (t.startsWith('MESSAGE_REACTION')) return isDm ? DIRECT_REACTIONS : GUILD_REACTIONS;
  if (t.startsWith('MESSAGE_')) return isDm ? DIRECT_MESSAGES : GUILD_MESSAGES;
  if (t.startsWith('GUILD_') || t.startsWith('THREAD_') || t.startsWith('CHANNEL_')) return GUILDS;
  return 0;
}
