import { z } from 'zod';
import type { InboundEvent } from '../../../src/contracts/channel.js';
import { ChannelError } from '../../../src/contracts/channel.js';
import { withDeadline } from '../../../src/lib/work/with-deadline.js';
import { botIdOf, isServed } from '../config.js';
import { messageSchema } from '../inbound/dispatch-schema.js';
import { WITHOUT_CONTENT } from '../inbound/message.js';
import type { Run } from '../run.js';
import { markEphemeral } from '../ephemeral.js';
import { compareIds, idAt } from '../snowflake.js';
import { respondInstantly, deferWhenStored } from '../take-interaction.js';
import { Arrivals } from './arrivals.js';
import { messagesAfter } from './fill-gap.js';
import type { Dispatch, GatewayOptions } from './gateway-link.js';
import { KeptSession } from './kept-session.js';
import { Knowledge, type GuildChannel } from './knowledge.js';

/** Messages missed longer ago than this are not answered, in ms. */
const OLDEST_MISSED_MS = 24 * 3_600_000;
/**
 * On the first connection, messages this old are still answered, in ms: people may write while the bot is
 * being set up.
 */
const FIRST_LOOK_BACK_MS = 60_000;
/** How long to wait for events to be stored when a connection ends, in ms. */
const SETTLE_MS = 5_000;
/** How long to wait for the message that another one replies to, in ms. */
const REFERENCED_MS = 3_000;

/** Events that are processed; all others only add to what we know. */
const PROCESSED_EVENTS = [
  'MESSAGE_CREATE',
  'MESSAGE_UPDATE',
  'MESSAGE_DELETE',
  'MESSAGE_REACTION_ADD',
  'MESSAGE_REACTION_REMOVE',
];

/** Close codes that only a person can do something about. */
const FATAL: Readonly<Record<number, string>> = {
  4004: 'Discord refuses the token',
  4012: 'Discord refuses the version of its gateway that we speak',
  4013: 'Discord does not know an intent that we asked for',
};
const DISALLOWED_INTENTS = 4014;
/** Discord requires a different number of shards, so they are counted again. */
const SHARDS_CHANGED = [4010, 4011];

export type GatewayEnd = 'stopped' | 'disallowed-intents' | 'shards-changed';

const readySchema = z.object({ guilds: z.array(z.object({ id: z.string() })).catch([]) });
const idSchema = z.object({ id: z.string() });
const placeSchema = z.object({ channel_id: z.string() });

function channelOf(d: unknown): string {
  return placeSchema.safeParse(d).data?.channel_id ?? '';
}

/**
 * One connection to the gateway with one set of intents, until it ends in a way that reconnecting does not
 * solve.
 */
export class GatewayRun {
  private readonly knowledge: Knowledge;
  private readonly arrivals = new Arrivals((dispatch) => this.take(dispatch));
  private readonly kept: KeptSession;
  private readonly open = new Set<number>();
  /** The gap being filled, by shard: the newest message before it, and the guilds still to be filled. */
  private readonly gaps = new Map<number, { readonly since: string; readonly guilds: Set<string> }>();
  private gapsBeingFilled = 0;
  private isMuted = false;
  private failure: ChannelError | undefined;
  private end: (end: GatewayEnd) => void = () => undefined;
  private fail: (error: ChannelError) => void = () => undefined;
  private readonly ended = new Promise<GatewayEnd>((resolve, reject) => {
    this.end = resolve;
    this.fail = reject;
  });

  constructor(
    private readonly run: Run,
    private readonly intents: number,
    /** Problems that exist although we are connected. */
    private readonly troubles: Set<string>,
  ) {
    this.knowledge = new Knowledge(botIdOf(run.account.config));
    // It may reject before anybody awaits it.
    this.ended.catch(() => undefined);
    this.kept = new KeptSession({
      state: run.sink.state,
      clock: run.clock,
      logger: run.logger,
      storedUpTo: (shardId) => this.arrivals.storedUpTo(shardId),
    });
  }

  async untilItEnds(): Promise<GatewayEnd> {
    const { signal } = this.run;
    const whenStopped = (): void => this.end('stopped');
    signal.addEventListener('abort', whenStopped, { once: true });
    try {
      await this.kept.load();
      return signal.aborted ? 'stopped' : await this.connected();
    } finally {
      signal.removeEventListener('abort', whenStopped);
    }
  }

  private async connected(): Promise<GatewayEnd> {
    if (this.kept.seen === undefined) this.kept.note(idAt(this.before(FIRST_LOOK_BACK_MS)), undefined);
    const saving = new AbortController();
    const gateway = await this.run.client.openGateway(this.options());
    const saver = this.kept.keepSaving(saving.signal);
    try {
      return await this.ended;
    } finally {
      await gateway.close();
      await Promise.race([this.arrivals.settled(), this.run.clock.sleep(SETTLE_MS)]);
      saving.abort();
      await saver;
    }
  }

  private before(ms: number): Date {
    return new Date(this.run.clock.now().getTime() - ms);
  }

  private options(): GatewayOptions {
    return {
      intents: this.intents,
      sessionOf: (shardId) => this.kept.sessionOf(shardId),
      sessionChanged: (shardId, session) => this.kept.change(shardId, session),
      beforeConnect: () => this.waitBeforeConnecting(),
      dispatch: (shardId, dispatch) => this.onDispatch(shardId, dispatch),
      opened: (shardId) => {
        this.open.add(shardId);
        this.failure = undefined;
        this.run.backoff.reset();
        this.tellOpen();
      },
      closed: (shardId, code) => this.onClosed(shardId, code),
    };
  }

  private async waitBeforeConnecting(): Promise<void> {
    const { backoff, signal } = this.run;
    if (this.failure !== undefined && !signal.aborted) await backoff.after(this.failure, signal);
    // Discord's client cannot be told to give up, so after an abort this never resolves.
    if (signal.aborted) await new Promise(() => undefined);
  }

  private onClosed(shardId: number, code: number): void {
    this.open.delete(shardId);
    const fatal = FATAL[code];
    if (fatal !== undefined) this.fail(new ChannelError('unauthorized', `gateway: ${fatal} (${code})`));
    else if (code === DISALLOWED_INTENTS) this.end('disallowed-intents');
    else if (SHARDS_CHANGED.includes(code)) this.end('shards-changed');
    else this.failure = new ChannelError('unreachable', `gateway: the connection was closed (${code})`);
  }

  private tellOpen(): void {
    const reasons = [...this.troubles];
    this.run.sink.changed({ state: 'open', ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }) });
  }

  private onDispatch(shardId: number, dispatch: Dispatch): void {
    const { t, s, d } = dispatch;
    if (t === 'READY') this.begin(shardId, d);
    const channels = this.knowledge.learn(t, d);
    if (channels.length > 0) this.fillGuild(shardId, channels);
    // Interactions skip the queue: Discord expects a response within seconds.
    if (t === 'INTERACTION_CREATE') this.arrivals.add(shardId, dispatch);
    else if (PROCESSED_EVENTS.includes(t)) this.arrivals.add(shardId, dispatch, channelOf(d));
    else this.arrivals.pass(shardId, s);
  }

  /** Prepares a new session for fetching everything missed since the last message seen. */
  private begin(shardId: number, d: unknown): void {
    this.arrivals.restart(shardId);
    const { seen } = this.kept;
    if (seen === undefined) return;
    const oldest = idAt(this.before(OLDEST_MISSED_MS));
    const since = compareIds(seen, oldest) > 0 ? seen : oldest;
    const guilds = new Set((readySchema.safeParse(d).data?.guilds ?? []).map(({ id }) => id));
    this.gaps.set(shardId, { since, guilds });
    // Private chats all belong to the first shard.
    if (shardId !== 0) return;
    for (const chat of this.kept.knownPrivateChats) this.fillChannel(chat, since, {});
  }

  private fillGuild(shardId: number, channels: readonly GuildChannel[]): void {
    const gap = this.gaps.get(shardId);
    const guildId = channels[0]?.guildId ?? '';
    // In a guild that was not there before, we missed nothing.
    if (gap?.guilds.delete(guildId) !== true || !isServed(this.run.account.config, guildId)) return;
    for (const { id, lastMessageId } of channels) {
      if (lastMessageId !== undefined && compareIds(lastMessageId, gap.since) > 0) {
        this.fillChannel(id, gap.since, { guild_id: guildId });
      }
    }
  }

  private fillChannel(channelId: string, since: string, place: object): void {
    this.kept.hold(++this.gapsBeingFilled > 0);
    const work = async (): Promise<void> => {
      for (const message of await messagesAfter(channelId, since, this.run)) {
        await this.take({ t: 'MESSAGE_CREATE', s: 0, d: { ...(message as object), ...place } }, 'kept');
      }
    };
    this.arrivals
      .queue(channelId, work)
      .catch((error: unknown) =>
        this.run.logger.warn({ error, channelId }, 'missed messages could not be fetched'),
      )
      .finally(() => this.kept.hold(--this.gapsBeingFilled > 0))
      .catch(() => undefined);
  }

  /** Stores one event; rejects only if the connection ends before it is stored. */
  private async take(dispatch: Dispatch, origin: 'now' | 'kept' = 'now'): Promise<void> {
    const { run } = this;
    const { t, d } = dispatch;
    try {
      if (t === 'INTERACTION_CREATE' && (await respondInstantly(d, run))) return;
      const raw = { ...dispatch, d: await this.withReferenced(t, d), known: this.knowledge.about(t, d) };
      const reception = run.receive(raw, run.account);
      if (reception.type === 'event') {
        const event: InboundEvent = {
          ...markEphemeral(reception.event, run.sink.menu),
          ...(origin === 'kept' ? { wasKept: true } : {}),
        };
        if (!(await this.isOurs(event))) return this.note(t, d, undefined);
        const stored = this.store(event);
        deferWhenStored(event, stored, run);
        await stored;
      } else {
        run.sink.discard(reception);
        if (reception.reason === WITHOUT_CONTENT) this.noteMuted();
      }
      this.note(t, d, reception.type === 'event' ? reception.event : undefined);
    } catch (error) {
      // Not stored, so it is replayed to the next connection.
      if (run.signal.aborted) throw error;
      run.logger.error({ error, event: t }, 'an event of Discord was lost');
    }
  }

  /** If several businesses share the bot, each of their connections also receives the others' events. */
  private isOurs(event: InboundEvent): Promise<boolean> {
    const { sink, account } = this.run;
    const { workspaceId } = event;
    if (workspaceId !== undefined && !isServed(account.config, workspaceId)) return Promise.resolve(false);
    return this.persist(() => sink.isOurs(event));
  }

  private store(event: InboundEvent): Promise<void> {
    return this.persist(() => this.run.sink.accept(event));
  }

  /** Retries while the store is down; gives up only when the connection ends. */
  private async persist<T>(work: () => Promise<T>): Promise<T> {
    const { backoff, signal } = this.run;
    for (let failed = false; ; failed = true) {
      try {
        const done = await work();
        if (failed) {
          backoff.reset();
          this.tellOpen();
        }
        return done;
      } catch (error) {
        if (signal.aborted) throw error;
        await backoff.after(error, signal);
      }
    }
  }

  /** Fetches the message replied to if Discord leaves it out: it may be one of ours. */
  private async withReferenced(t: string, d: unknown): Promise<unknown> {
    if (t !== 'MESSAGE_CREATE') return d;
    const message = messageSchema.safeParse(d).data;
    const repliedId = message?.type === 19 ? message.message_reference?.message_id : undefined;
    if (message === undefined || !repliedId || message.referenced_message !== undefined) return d;
    const path = `/channels/${message.channel_id}/messages/${repliedId}`;
    const { client, signal } = this.run;
    const asking = withDeadline(signal, REFERENCED_MS, (limited) =>
      client.call({ method: 'GET', path }, limited),
    );
    const referenced = await asking.catch(() => undefined);
    return referenced === undefined ? d : { ...(d as object), referenced_message: referenced };
  }

  private note(t: string, d: unknown, event: InboundEvent | undefined): void {
    const id = t === 'MESSAGE_CREATE' ? idSchema.safeParse(d).data?.id : undefined;
    const privateChat = event?.chat.kind === 'direct' ? event.chat.chatId : undefined;
    if (id !== undefined) this.kept.note(id, privateChat);
    else if (privateChat !== undefined && event !== undefined)
      this.kept.note(idAt(event.sentAt), privateChat);
  }

  private noteMuted(): void {
    if (this.isMuted) return;
    this.isMuted = true;
    this.troubles.add(WITHOUT_CONTENT_REASON);
    this.tellOpen();
  }
}

/** Shown to the owner, with the same wording wherever the problem is found. */
export const WITHOUT_CONTENT_REASON =
  'the Message Content intent is off: only private chats, mentions, commands and buttons can be read. ' +
  'Switch it on in the developer portal under Bot';
