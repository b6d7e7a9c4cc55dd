import { z } from 'zod';
import type { AccountState } from '../../../src/contracts/channel.js';
import type { Clock, Logger } from '../../../src/contracts/runtime.js';
import { Poll } from '../../../src/lib/work/poll.js';
import { compareIds, snowflakeSchema } from '../snowflake.js';
import type { GatewaySession } from './gateway-link.js';

/** After a crash at most this much is replayed, in ms; duplicates are recognised by their ids. */
const SAVE_EVERY_MS = 1_000;
/** How many private chats are checked after a gap: the most recently used. */
const MAX_PRIVATE_CHATS = 500;

const SESSION = 'session:';
const PLACE = 'place';

const sessionSchema = z.object({
  sessionId: z.string(),
  resumeURL: z.string(),
  sequence: z.int(),
  shardCount: z.int(),
  shardId: z.int(),
});

const placeSchema = z.object({
  seen: snowflakeSchema.optional(),
  privateChats: z.array(snowflakeSchema).catch([]),
});

export interface KeptSessionDependencies {
  readonly state: AccountState;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The sequence number up to which all events of a shard are stored. */
  readonly storedUpTo: (shardId: number) => number | undefined;
}

/**
 * The state a later connection resumes from: the shards' sessions, each with the sequence number up to which
 * its events are stored, and the newest message seen.
 */
export class KeptSession {
  private readonly sessions = new Map<number, GatewaySession>();
  private newest: string | undefined;
  private readonly privateChats = new Set<string>();
  private saved = new Map<string, string>();
  private holding = false;

  constructor(private readonly deps: KeptSessionDependencies) {}

  async load(): Promise<void> {
    const { state } = this.deps;
    const keys = [...(await state.keys(SESSION)), PLACE];
    for (const [key, bytes] of await state.read(keys)) {
      const text = Buffer.from(bytes).toString();
      this.saved.set(key, text);
      if (key === PLACE) this.restorePlace(text);
      else {
        const session = sessionSchema.safeParse(parsedOrUndefined(text)).data;
        if (session !== undefined) this.sessions.set(session.shardId, session);
      }
    }
  }

  sessionOf(shardId: number): GatewaySession | undefined {
    return this.sessions.get(shardId);
  }

  change(shardId: number, session: GatewaySession | undefined): void {
    if (session === undefined) this.sessions.delete(shardId);
    else this.sessions.set(shardId, session);
  }

  /** Newest message seen; older ones were stored or not meant for us. */
  get seen(): string | undefined {
    return this.newest;
  }

  note(messageId: string, privateChat: string | undefined): void {
    if (this.newest === undefined || compareIds(messageId, this.newest) > 0) this.newest = messageId;
    if (privateChat === undefined) return;
    this.privateChats.delete(privateChat);
    this.privateChats.add(privateChat);
    const [oldest] = this.privateChats;
    if (this.privateChats.size > MAX_PRIVATE_CHATS && oldest !== undefined) this.privateChats.delete(oldest);
  }

  get knownPrivateChats(): readonly string[] {
    return [...this.privateChats];
  }

  /**
   * Suspends saving while a gap is being filled, so that after a crash filling starts from the same place.
   */
  hold(isHolding: boolean): void {
    this.holding = isHolding;
  }

  /** Saves changes every second until stopped, and once more then. */
  async keepSaving(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.deps;
    const failure = 'the gateway session was not saved';
    const poll = new Poll(() => this.save(), { everyMs: SAVE_EVERY_MS, failure, clock, logger });
    await poll.keepLooking(signal);
    await poll.once();
  }

  private async save(): Promise<void> {
    if (this.holding) return;
    const contents = this.contents();
    const changes = new Map<string, Uint8Array | undefined>();
    for (const [key, text] of contents) if (this.saved.get(key) !== text) changes.set(key, Buffer.from(text));
    for (const key of this.saved.keys()) if (!contents.has(key)) changes.set(key, undefined);
    if (changes.size === 0) return;
    await this.deps.state.write(changes);
    this.saved = contents;
  }

  private contents(): Map<string, string> {
    const contents = new Map<string, string>();
    for (const [shardId, session] of this.sessions) {
      const sequence = this.deps.storedUpTo(shardId) ?? session.sequence;
      contents.set(`${SESSION}${shardId}`, JSON.stringify({ ...session, sequence }));
    }
    contents.set(PLACE, JSON.stringify({ seen: this.newest, privateChats: [...this.privateChats] }));
    return contents;
  }

  private restorePlace(text: string): void {
    const place = placeSchema.safeParse(parsedOrUndefined(text)).data;
    this.newest = place?.seen;
    for (const chat of place?.privateChats ?? []) this.privateChats.add(chat);
  }
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
