import type {
  AccountState,
  ChannelAccount,
  ConnectionSink,
  ConnectionState,
  PairingRequest,
} from '../contracts/channel.js';
import { ChannelError } from '../contracts/channel.js';
import type { Intake } from '../contracts/chat.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { AccountRecord } from '../contracts/stores.js';
import { webhookUrl } from '../lib/net/webhook-path.js';
import type { Accounts, FoundAccount } from './accounts.js';
import { acceptingSink } from './accepting-sink.js';
import { commandOffers, type CommandOffersDependencies } from './command-offers.js';
import { holdConnection } from './hold-connection.js';
import { Outages } from './outages.js';
import type { SharedBots } from './shared-bots.js';

/** Delay before reopening a connection that ended on its own, in ms. */
const REOPEN_MS = 5_000;
/** How often to look for accounts added by other processes, in ms. */
const LOOK_EVERY_MS = 5_000;
/** Every twelfth look, once a minute, reads all accounts in case a change was not announced. */
const FULL_LOOK_EVERY = 12;

export interface ConnectionsDependencies extends CommandOffersDependencies {
  readonly sharedBots: Pick<SharedBots, 'isOurs' | 'deliver'>;
  readonly accounts: Accounts;
  readonly intake: Intake;
  readonly samePerson: (account: ChannelAccount, userId: string, formerId: string) => Promise<boolean>;
  /** Accounts whose connection this process holds: maintained here, read by senders. */
  readonly held: Set<string>;
  /** Called when an account cannot be used until a person acts, and when it has been down for long. */
  readonly failed: (account: ChannelAccount, state: ConnectionState) => void;
  /** Called each time an account is connected. */
  readonly connected: (account: ChannelAccount) => void;
  /** After how long an outage counts as long, in ms. */
  readonly longOutageMs: number;
  /** Public URL of the service, without a trailing slash. */
  readonly publicUrl?: string;
  /** Identifies this process among all that may hold a connection. */
  readonly owner: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

interface Connection {
  readonly stop: AbortController;
  readonly done: Promise<void>;
  readonly record: AccountRecord;
}

/**
 * Keeps this process's accounts up to date, and ensures that each account that needs a connection has exactly
 * one, held by this process or another.
 */
export class Connections {
  private readonly open = new Map<string, Connection>();
  /** Accounts last reported as connected, so that each connection is reported once. */
  private readonly connected = new Set<string>();
  private readonly outages: Outages;
  private readonly stopping = new AbortController();
  private reloading: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private connects = false;
  private looks = 0;
  private seenChanges = -1;

  constructor(private readonly deps: ConnectionsDependencies) {
    const { clock, failed, longOutageMs } = deps;
    this.outages = new Outages({ clock, longMs: longOutageMs, long: failed });
  }

  /** Has loaded the accounts once resolved, and follows their changes from then on. */
  async start(): Promise<void> {
    await this.reload();
    this.timer = setInterval(() => void this.inTurn(() => this.look()), LOOK_EVERY_MS);
  }

  /** Starts opening connections. */
  connect(): Promise<void> {
    this.connects = true;
    return this.reload();
  }

  /** Call when an account was added, changed or removed. */
  changed(): void {
    void this.reload();
  }

  /** Stops receiving first: each connection confirms what it has stored and then ends. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    for (const connection of this.open.values()) connection.stop.abort();
    await this.reloading;
    await Promise.all([...this.open.values()].map((connection) => connection.done));
  }

  private reload(): Promise<void> {
    return this.inTurn(() => this.follow());
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.reloading = this.reloading.then(work).catch((error: unknown) => {
      this.deps.logger.warn({ error }, 'the channel accounts could not be read');
    });
    return this.reloading;
  }

  private async look(): Promise<void> {
    this.looks += 1;
    const changes = await this.deps.service.accountChanges();
    if (changes === this.seenChanges && this.looks % FULL_LOOK_EVERY !== 0) return;
    await this.follow();
    this.seenChanges = changes;
  }

  private async follow(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const records = await this.deps.accounts.reload();
    if (!this.connects) return;
    const current = new Map(records.map((record) => [record.id, record]));
    const outdated = [...this.open].filter(([id, { record }]) => !sameAccount(current.get(id), record));
    for (const [, connection] of outdated) connection.stop.abort();
    for (const [id, connection] of outdated) {
      await connection.done;
      this.open.delete(id);
    }
    for (const record of records) if (!this.open.has(record.id)) this.launch(record);
  }

  private launch(record: AccountRecord): void {
    const connected = this.deps.accounts.find(record.tenantId, record.id, record.channel);
    if (connected?.channel.connection === undefined || this.stopping.signal.aborted) return;
    const stop = new AbortController();
    const done = this.keepOpen(connected, record, stop.signal);
    this.open.set(record.id, { stop, done, record });
  }

  /** Opens the connection whenever this process may hold it, until stopped or permanently refused. */
  private async keepOpen(connected: FoundAccount, record: AccountRecord, signal: AbortSignal): Promise<void> {
    const { service, owner, clock, logger } = this.deps;
    const { account } = connected;
    const lanes = service.lanes;
    while (!signal.aborted) {
      let isRefused = false;
      await holdConnection(account, signal, { lanes, owner, clock, logger }, async (lease, fence) => {
        this.deps.held.add(account.id);
        try {
          isRefused = (await this.openOnce(connected, record, lease, fence)) === 'refused';
        } finally {
          this.deps.held.delete(account.id);
          this.outages.end(account);
        }
        if (!isRefused && signal.aborted) await this.remember(account, { state: 'stopped' });
      });
      if (isRefused) return;
      await clock.sleep(REOPEN_MS, signal).catch(() => undefined);
    }
  }

  private async openOnce(
    { channel, account }: FoundAccount,
    { pairing }: AccountRecord,
    signal: AbortSignal,
    fence: number,
  ): Promise<'ended' | 'refused'> {
    const logger = this.deps.logger.child({ accountId: account.id, channel: channel.name });
    try {
      const state = await this.deps.service.accountState(account.tenantId, account.id, fence);
      await channel.connection?.open(account, this.sinkFor(account, state, pairing, logger), signal);
    } catch (error) {
      if (error instanceof ChannelError && error.kind === 'unauthorized') {
        await this.remember(account, { state: 'blocked', reason: error.message });
        logger.error({ error }, 'the platform refuses this account; a person must look at it');
        return 'refused';
      }
      logger.error({ error }, 'a connection ended with an error');
    }
    return 'ended';
  }

  private sinkFor(
    account: ChannelAccount,
    state: AccountState,
    pairing: PairingRequest | undefined,
    logger: Logger,
  ): ConnectionSink {
    const { publicUrl } = this.deps;
    const onState = (next: ConnectionState): void => void this.remember(account, next);
    return {
      state,
      ...(pairing === undefined ? {} : { pairing }),
      staff: () => this.staff(account, logger),
      changed: onState,
      samePerson: (userId, formerId) => this.deps.samePerson(account, userId, formerId),
      ...(publicUrl === undefined ? {} : { webhookUrl: webhookUrl(publicUrl, account.channel, account.id) }),
      ...commandOffers(account, { ...this.deps, logger }),
      ...acceptingSink(account, { ...this.deps, logger }),
    };
  }

  private async staff(account: ChannelAccount, logger: Logger): Promise<readonly string[]> {
    try {
      const scope = await this.deps.service.scope(account.tenantId);
      const staff = (await scope?.contacts.staff(scope.settings.staff)) ?? [];
      const identities = staff.flatMap((contact) => contact.identities);
      return identities.filter(({ accountId }) => accountId === account.id).map(({ userId }) => userId);
    } catch (error) {
      logger.warn({ error }, 'the staff could not be determined');
      return [];
    }
  }

  /** What the operator is waiting for after starting Sapa or adding an account. */
  private sayConnected(account: ChannelAccount, { state }: ConnectionState): void {
    const { id, channel } = account;
    if (state !== 'open') this.connected.delete(id);
    else if (!this.connected.has(id)) {
      this.connected.add(id);
      this.deps.logger.info({}, `${channel} (${id}) is connected`);
      this.deps.connected(account);
    }
  }

  private async remember(account: ChannelAccount, state: ConnectionState): Promise<void> {
    if (state.state === 'blocked' || state.state === 'needs-pairing') this.deps.failed(account, state);
    this.outages.changed(account, state);
    this.sayConnected(account, state);
    try {
      await this.deps.service.putConnectionState(account.id, state);
    } catch (error) {
      this.deps.logger.warn({ error, accountId: account.id }, 'a connection state was not stored');
    }
  }
}

function sameAccount(a: AccountRecord | undefined, b: AccountRecord): boolean {
  const facts = ({ channel, config, pairing }: AccountRecord): string =>
    JSON.stringify([channel, config, pairing]);
  return a !== undefined && facts(a) === facts(b);
}
