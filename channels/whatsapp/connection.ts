import type { AuthenticationState, WASocket, WAVersion } from '@whiskeysockets/baileys';
import {
  ChannelError,
  type ChannelAccount,
  type ConnectionSink,
  type Reception,
} from '../../src/contracts/channel.js';
import type { Clock, Logger } from '../../src/contracts/runtime.js';
import { StoreError } from '../../src/contracts/stores.js';
import { latestVersion } from './client.js';
import type { WhatsAppConfig } from './config.js';
import { reactionTo } from './disconnects.js';
import { Pacing } from './outbound/pacing.js';
import { libraryKeys, loadOrCreate } from './session/library-auth.js';
import { Received } from './session/received.js';
import { RecentMessages } from './session/recent-messages.js';
import { UnreadableSenders } from './session/unreadable-senders.js';
import { Session, type SessionContext, type SessionEvents } from './session/session.js';
import { createChats } from './state/chats.js';
import { dropCredentials, saveCredentials } from './state/credentials.js';
import { durableState } from './state/durable-state.js';
import { createKeyStore } from './state/key-store.js';
import { createPeople } from './state/people.js';
import { createSentMessages } from './state/sent-messages.js';
import { Waits } from './waits.js';

/** How often a pairing that nobody completes is offered; after that somebody must ask for it. */
const PAIRING_ROUNDS = 5;
const SCAN_REASON = 'open WhatsApp on the phone, then Linked devices, and scan the code';
const TYPE_REASON =
  'open WhatsApp on the phone, then Linked devices, Link with phone number, and type the code';

export interface ConnectionDependencies {
  receive(raw: unknown, account: ChannelAccount<WhatsAppConfig>): Reception;
  /** Reports the session to send through; `undefined` if there is none. */
  live(session: Session | undefined): void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps one number connected until `signal` aborts. */
export async function openConnection(
  account: ChannelAccount<WhatsAppConfig>,
  sink: ConnectionSink,
  signal: AbortSignal,
  dependencies: ConnectionDependencies,
): Promise<void> {
  try {
    sink.changed({ state: 'connecting' });
    await new Connection(account, sink, signal, dependencies).run();
    sink.changed({ state: 'stopped' });
  } catch (error) {
    if (!(error instanceof ChannelError) || error.kind !== 'unauthorized') throw error;
    sink.changed({ state: 'blocked', reason: error.message });
    throw error;
  }
}

class Connection {
  private readonly waits: Waits;
  private unfinishedPairings = 0;
  private reconnects = 0;
  private version: WAVersion | undefined;
  private saving: Promise<void> = Promise.resolve();
  private logoutReason: string | undefined;
  private wereCodesShown = false;

  constructor(
    private readonly account: ChannelAccount<WhatsAppConfig>,
    private readonly sink: ConnectionSink,
    private readonly signal: AbortSignal,
    private readonly deps: ConnectionDependencies,
  ) {
    this.waits = new Waits({ ...deps, signal, changed: (state) => sink.changed(state) });
  }

  async run(): Promise<void> {
    const { signal } = this;
    // If the lease is lost while the library is still writing, the store refuses the write.
    const state = durableState(this.sink.state, signal, this.deps.logger);
    let context = await this.prepare(state);
    while (!signal.aborted) {
      const code = await this.connectOnce(context);
      if (signal.aborted) return;
      const wasPaired = isPaired(context.auth);
      if ((await this.react(code, wasPaired)) === 'start-over') {
        await dropCredentials(state);
        context = await this.prepare(state);
      }
    }
  }

  private async prepare(state: SessionContext['sink']['state']): Promise<SessionContext> {
    const { account, sink, signal, deps } = this;
    const { clock, logger } = deps;
    const received = new Received(state, new UnreadableSenders(clock), logger);
    const creds = await loadOrCreate(state);
    const auth: AuthenticationState = { creds, keys: libraryKeys(createKeyStore(state), received) };
    const save = (): Promise<void> =>
      saveCredentials(state, creds).catch((error: unknown) => {
        logger.error({ error }, 'credentials of a WhatsApp account were not stored');
      });
    return {
      accountId: account.id,
      config: account.config,
      auth,
      sink,
      signal,
      clock,
      logger,
      received,
      people: createPeople(state, (userId, formerId) => sink.samePerson(userId, formerId)),
      chats: createChats(state),
      sent: createSentMessages(state),
      recent: new RecentMessages(),
      pacing: await Pacing.load({ state, clock, ...account.config }),
      receive: (raw) => deps.receive(raw, account),
      saveCredentials: () => {
        this.saving = this.saving.then(save);
      },
    };
  }

  /** Runs one socket from connecting to its end; resolves with the code it ended with. */
  private async connectOnce(context: SessionContext): Promise<number | undefined> {
    const { signal } = this;
    this.wereCodesShown = false;
    const earlier = await this.unhandled(context);
    const session = new Session(context, this.eventsOf(context), this.version, earlier);
    const stop = (): void => void session.end();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await session.closed;
    } finally {
      signal.removeEventListener('abort', stop);
      this.deps.live(undefined);
      await session.settle();
      await this.saving;
      await context.received.flush().catch((error: unknown) => this.tellLost(error));
    }
  }

  private async unhandled({
    auth,
    received,
  }: SessionContext): ReturnType<SessionContext['received']['unhandled']> {
    const { me } = auth.creds;
    return me ? received.unhandled({ pn: me.id, lid: me.lid ?? '' }) : [];
  }

  private eventsOf(context: SessionContext): SessionEvents {
    const { sink, account } = this;
    let isCodeAsked = false;
    return {
      qr: (qr, socket) => {
        this.wereCodesShown = true;
        const { method, phone } = sink.pairing ?? {};
        if (method !== 'code' || phone === undefined) {
          sink.changed({ state: 'needs-pairing', reason: this.logoutReason ?? SCAN_REASON, qr });
        } else if (!isCodeAsked) {
          isCodeAsked = true;
          void this.askForCode(socket, phone);
        }
      },
      open: (session) => {
        this.waits.reset();
        this.unfinishedPairings = 0;
        this.reconnects = 0;
        this.logoutReason = undefined;
        this.deps.live(session);
        const until = context.pacing.restrictedUntil;
        sink.changed({ state: 'open', ...(until === undefined ? {} : { reason: restrictedReason(until) }) });
      },
      restricted: (until) => {
        context.pacing.restrict(until).catch((error: unknown) => {
          this.deps.logger.error({ error }, 'a restriction of a WhatsApp number was not stored');
        });
        this.deps.logger.warn({ accountId: account.id, until }, 'WhatsApp restricts starting chats');
        sink.changed({ state: 'open', ...(until === undefined ? {} : { reason: restrictedReason(until) }) });
      },
    };
  }

  private async askForCode(socket: WASocket, phone: string): Promise<void> {
    try {
      const pairingCode = await socket.requestPairingCode(phone);
      this.sink.changed({ state: 'needs-pairing', reason: this.logoutReason ?? TYPE_REASON, pairingCode });
    } catch (error) {
      this.deps.logger.warn({ error }, 'WhatsApp gave no pairing code');
    }
  }

  private async react(code: number | undefined, wasPaired: boolean): Promise<'go-on' | 'start-over'> {
    const { logger } = this.deps;
    const reaction = reactionTo(code, this.wereCodesShown);
    logger.info({ code, reaction: reaction.type }, 'a connection to WhatsApp ended');
    switch (reaction.type) {
      case 'reconnect-now':
        this.sink.changed({ state: 'connecting' });
        // Normal once after pairing; a server that keeps asking for it is faulty.
        if (++this.reconnects > 3) await this.waits.backOff('WhatsApp asks to restart again and again (515)');
        return 'go-on';
      case 'back-off':
        await this.waits.backOff(reaction.reason);
        return 'go-on';
      case 'codes-expired':
        if (++this.unfinishedPairings >= PAIRING_ROUNDS) {
          this.sink.changed({
            state: 'needs-pairing',
            reason: 'nobody used the codes in time: ask for pairing again',
          });
          await this.waits.forever();
        }
        return 'go-on';
      case 'logged-out':
        logger.error({ reason: reaction.reason }, 'a WhatsApp number is no longer linked');
        this.logoutReason = reaction.reason;
        this.sink.changed({ state: 'needs-pairing', reason: reaction.reason });
        if (!wasPaired) await this.waits.backOff(reaction.reason);
        return 'start-over';
      case 'banned-for-a-while':
        logger.error({ reason: reaction.reason }, 'a WhatsApp number is banned for a while');
        await this.waits.long(reaction.reason);
        return 'go-on';
      case 'outdated':
        logger.error({ reason: reaction.reason }, 'WhatsApp refuses the version of its protocol');
        if (!(await this.updateVersion())) await this.waits.long(reaction.reason);
        return 'go-on';
      case 'replaced':
        await this.yieldIfLost();
        throw new ChannelError('unauthorized', reaction.reason);
      case 'blocked':
        throw new ChannelError('unauthorized', reaction.reason);
      default:
        return reaction satisfies never;
    }
  }

  /** `true` if there is a version to try that was not refused yet. */
  private async updateVersion(): Promise<boolean> {
    const latest = await latestVersion(this.account.config).catch(() => undefined);
    if (latest === undefined || latest.join('.') === this.version?.join('.')) return false;
    this.version = latest;
    return true;
  }

  /** The other session may be one of our own processes that holds the lease now, which is fine. */
  private async yieldIfLost(): Promise<void> {
    try {
      await this.sink.state.write(new Map([['yielded', Buffer.from(this.deps.clock.now().toISOString())]]));
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'conflict') {
        throw new Error('another process holds this WhatsApp account now', { cause: error });
      }
      throw error;
    }
  }

  private tellLost(error: unknown): void {
    this.deps.logger.warn(
      { error },
      'received messages stay marked as unhandled; they are known when they come again',
    );
  }
}

function isPaired({ creds }: AuthenticationState): boolean {
  return creds.account !== undefined && creds.account !== null;
}

function restrictedReason(until: Date): string {
  return `WhatsApp lets this number start no new chats until ${until.toISOString()}`;
}
