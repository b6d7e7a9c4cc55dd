import type {
  AuthenticationState,
  BinaryNode,
  ConnectionState as LibraryState,
  GroupMetadata,
  WAMessage,
  WASocket,
  WAVersion,
} from '@whiskeysockets/baileys';
import { proto } from '@whiskeysockets/baileys';
import type {
  Receipt,
  ConnectionSink,
  OutboundMessage,
  Reception,
  SendTarget,
} from '../../../src/contracts/channel.js';
import type { Clock, Logger } from '../../../src/contracts/runtime.js';
import { OVER } from '../../../src/lib/time/clock.js';
import { openSocket } from '../client.js';
import type { WhatsAppConfig } from '../config.js';
import { isPublication, personIds, type PersonIds } from '../jid.js';
import type { Pacing } from '../outbound/pacing.js';
import { Presence } from '../outbound/presence.js';
import { Sender } from '../outbound/sender.js';
import type { Chats } from '../state/chats.js';
import type { People } from '../state/people.js';
import type { SentMessages } from '../state/sent-messages.js';
import { statusCodeOf } from '../whatsapp-error.js';
import { Arrivals, type Earlier } from './arrivals.js';
import { Intake } from './intake.js';
import { completedIds, type Completer } from './other-id.js';
import { chatOf, ciphertextsOf, messageOf, tokenOf, type OwnIds, type Received } from './received.js';
import type { RecentMessages } from './recent-messages.js';

/** Everything that outlives a single socket of the account. */
export interface SessionContext {
  readonly accountId: string;
  readonly config: WhatsAppConfig;
  readonly auth: AuthenticationState;
  readonly sink: ConnectionSink;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly people: People;
  readonly chats: Chats;
  readonly sent: SentMessages;
  readonly received: Received;
  readonly recent: RecentMessages;
  readonly pacing: Pacing;
  receive(raw: unknown): Reception;
  /** Called when the library changed the credentials. */
  saveCredentials(): void;
}

export interface SessionEvents {
  qr(code: string, socket: WASocket): void;
  open(session: Session): void;
  restricted(until: Date | undefined): void;
}

/** How long to wait for a clean close if the peer is gone, in ms. */
const GOODBYE_MS = 2_000;
/** How long a group's members are cached, in ms. */
const GROUP_KNOWN_FOR_MS = 5 * 60_000;

/** One socket, from connecting to its end. */
export class Session {
  /** The code it ended with. */
  readonly closed: Promise<number | undefined>;
  private readonly intake: Intake;
  private isOver = false;
  private isCatchingUp = true;
  private readonly socket: WASocket;
  private readonly sender: Sender;
  private readonly presence: Presence;
  private readonly arrivals: Arrivals<WAMessage>;
  private readonly completed: Completer;
  private readonly groups = new Map<string, { readonly metadata: GroupMetadata; readonly atMs: number }>();

  constructor(
    private readonly context: SessionContext,
    events: SessionEvents,
    version: WAVersion | undefined,
    /** What earlier connections left unhandled. */
    earlier: readonly Earlier<WAMessage>[],
  ) {
    const { config, auth, logger, clock, received } = context;
    this.socket = openSocket({
      config,
      auth,
      logger,
      ...(version === undefined ? {} : { version }),
      getMessage: async ({ id }) => {
        const bytes = id ? await context.sent.get(id) : undefined;
        return bytes && proto.Message.decode(bytes);
      },
      cachedGroupMetadata: (jid) => Promise.resolve(this.groupOf(jid)),
      makeSignalRepository: received.makeRepository,
    });
    this.closed = this.follow(events);
    const ended = new AbortController();
    void this.closed.finally(() => ended.abort(OVER)).catch(() => undefined);
    this.completed = completedIds(this.socket);
    this.presence = new Presence(this.socket, config.readReceipts);
    this.sender = new Sender({
      ...context,
      socket: this.socket,
      presence: this.presence,
      completed: this.completed,
      closed: ended.signal,
      recent: (id) => context.recent.get(id),
    });
    this.intake = this.openIntake();
    this.arrivals = new Arrivals<WAMessage>({
      nowMs: () => clock.now().getTime(),
      release: (message, arrival, token) => this.intake.take(message, arrival, token),
    });
    // Must run before the socket delivers anything newer.
    this.arrivals.startWith(earlier);
    this.listen();
  }

  send(target: SendTarget, message: OutboundMessage, signal: AbortSignal): Promise<Receipt> {
    return this.sender.send(target, message, signal);
  }

  /** Closes the connection; stops waiting for a clean close after a time limit. */
  async end(): Promise<void> {
    const socket = this.socket.ws as unknown as { readonly socket?: { terminate(): void } | null };
    const goodbye = this.socket.end(undefined).catch(() => undefined);
    await Promise.race([goodbye, this.context.clock.sleep(GOODBYE_MS).catch(() => undefined)]);
    socket.socket?.terminate();
  }

  /** The socket is closed: passes on what arrived and waits until it is stored. */
  async settle(): Promise<void> {
    this.isOver = true;
    this.presence.close();
    this.arrivals.close();
    await this.intake.settled();
  }

  private openIntake(): Intake {
    const { context } = this;
    return new Intake({
      ...context,
      me: () => this.me(),
      isCatchingUp: () => this.isCatchingUp,
      completed: this.completed,
      done: (token) => {
        if (token !== undefined) context.received.done(token);
      },
      noted: (event, message) => {
        if (event.type !== 'message' && event.type !== 'command') return;
        context.recent.put(message);
        if (event.addressed) this.presence.wrote(event.chat.chatId, message.key);
      },
    });
  }

  private me(): PersonIds {
    const { pn, lid } = this.ownIds();
    return personIds(pn, lid);
  }

  private ownIds(): OwnIds {
    const { me } = this.context.auth.creds;
    return { pn: me?.id ?? '', lid: me?.lid ?? '' };
  }

  private listen(): void {
    const { ev, ws } = this.socket;
    const { people, logger } = this.context;
    // Runs before the library sees a stanza, because its results come later and in any order.
    ws.prependListener('CB:message', (node: BinaryNode) => {
      if (!isPublication(node.attrs.from)) this.expect(node);
    });
    // Without this, the library would keep waiting after a refused handshake until its own timeout.
    ws.on('unexpected-response', () => void this.socket.end(new Error('WebSocket Error (refused)')));
    ev.on('creds.update', () => this.context.saveCredentials());
    ev.on('messages.upsert', ({ messages }) => {
      for (const message of messages)
        this.arrivals.came(message.key.id ?? '', message, typeof message.messageStubType === 'number');
    });
    ev.on('lid-mapping.update', ({ lid, pn }) => {
      people.userIdOf(personIds(lid, pn)).catch((error: unknown) => {
        logger.warn({ error }, 'the person behind a LID was not stored');
      });
    });
    ev.on('groups.update', (updates) => {
      for (const { id } of updates) if (id) this.groups.delete(id);
    });
    ev.on('group-participants.update', ({ id }) => void this.groups.delete(id));
  }

  private expect(node: BinaryNode): void {
    const { arrivals } = this;
    const id = node.attrs.id ?? '';
    const isSealed = ciphertextsOf(node).length > 0;
    const arrival = arrivals.arrived({ id, chat: chatOf(node), token: tokenOf(node), isSealed });
    this.context.received.expect({
      node,
      arrival,
      ahead: () => arrivals.aheadOf(arrival),
      kept: (content) => arrivals.kept(arrival, id, messageOf(node.attrs, content, this.ownIds())),
      decrypted: () => arrivals.decrypted(arrival),
      isOver: () => this.isOver,
    });
  }

  private follow(events: SessionEvents): Promise<number | undefined> {
    return new Promise((resolve) => {
      this.socket.ev.on('connection.update', (update: Partial<LibraryState>) => {
        const { connection, qr, lastDisconnect, reachoutTimeLock, receivedPendingNotifications } = update;
        if (receivedPendingNotifications === true) {
          this.arrivals.backlogEnded();
          this.isCatchingUp = false;
        }
        if (qr !== undefined) events.qr(qr, this.socket);
        if (reachoutTimeLock) {
          events.restricted(reachoutTimeLock.isActive ? reachoutTimeLock.timeEnforcementEnds : undefined);
        }
        if (connection === 'open') events.open(this);
        if (connection === 'close') resolve(verdictOf(lastDisconnect?.error));
      });
    });
  }

  private groupOf(jid: string): GroupMetadata | undefined {
    const cached = this.groups.get(jid);
    const nowMs = this.context.clock.monotonicMs();
    if (cached && nowMs - cached.atMs < GROUP_KNOWN_FOR_MS) return cached.metadata;
    // The library fetches it itself this time; our result is cached for the next message.
    this.socket
      .groupMetadata(jid)
      .then((metadata) => this.groups.set(jid, { metadata, atMs: nowMs }))
      .catch(() => undefined);
    return undefined;
  }
}

/** WhatsApp's own status code; an error from a proxy or the network must not unpair a number. */
function verdictOf(error: Error | undefined): number | undefined {
  return error?.message.startsWith('WebSocket Error') === true ? undefined : statusCodeOf(error);
}
