import type { Channel, ChannelAccount, CommandMenuEntry, ConnectionState } from '../contracts/channel.js';
import { ChannelError } from '../contracts/channel.js';
import type { Intake } from '../contracts/chat.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { AccountRecord, ServiceStore } from '../contracts/stores.js';
import type { Accounts } from './accounts.js';

/** A connection that ended without being asked to is opened again after this, in ms. */
const REOPEN_MS = 5_000;
/** Accounts added by another process are noticed within this, in ms. */
const RELOAD_EVERY_MS = 5_000;

export interface ConnectionsDependencies {
  readonly service: ServiceStore;
  readonly accounts: Accounts;
  readonly intake: Intake;
  readonly menu: readonly CommandMenuEntry[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Connection {
  readonly stop: AbortController;
  readonly done: Promise<void>;
  readonly record: AccountRecord;
}

/** Keeps one connection open for each account whose platform is connected to. */
export class Connections {
  private readonly open = new Map<string, Connection>();
  private readonly stopping = new AbortController();
  private reloading: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: ConnectionsDependencies) {}

  async start(): Promise<void> {
    await this.reload();
    this.timer = setInterval(() => this.changed(), RELOAD_EVERY_MS);
  }

  /** An account was added, changed or removed: follow. */
  changed(): void {
    void this.reload();
  }

  /** Stops intake first: each connection confirms what it stored and ends. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.reloading;
    for (const connection of this.open.values()) connection.stop.abort();
    await Promise.all([...this.open.values()].map((connection) => connection.done));
  }

  private reload(): Promise<void> {
    this.reloading = this.reloading
      .then(() => this.follow())
      .catch((error: unknown) => {
        this.deps.logger.warn({ error }, 'the channel accounts could not be read');
      });
    return this.reloading;
  }

  private async follow(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const records = await this.deps.accounts.reload();
    const wanted = new Map(records.map((record) => [record.id, record]));
    for (const [id, connection] of this.open) {
      const record = wanted.get(id);
      if (record !== undefined && sameAccount(record, connection.record)) continue;
      connection.stop.abort();
      await connection.done;
      this.open.delete(id);
    }
    for (const record of records) if (!this.open.has(record.id)) this.launch(record);
  }

  private launch(record: AccountRecord): void {
    const found = this.deps.accounts.find(record.tenantId, record.id, record.channel);
    if (found?.channel.connection === undefined) return;
    const stop = new AbortController();
    const done = this.keepOpen(found.channel, found.account, stop.signal);
    this.open.set(record.id, { stop, done, record });
  }

  private async keepOpen(channel: Channel, account: ChannelAccount, signal: AbortSignal): Promise<void> {
    const logger = this.deps.logger.child({ accountId: account.id, channel: channel.name });
    while (!signal.aborted) {
      try {
        await channel.connection?.open(account, this.sinkFor(account, logger), signal);
      } catch (error) {
        if (error instanceof ChannelError && error.kind === 'unauthorized') {
          await this.remember(account, { state: 'blocked', reason: error.message });
          logger.error({ error }, 'the platform refuses this account; a person must look at it');
          return;
        }
        logger.error({ error }, 'a connection ended with an error');
      }
      await this.deps.clock.sleep(REOPEN_MS, signal).catch(() => undefined);
    }
    await this.remember(account, { state: 'stopped' });
  }

  private sinkFor(
    account: ChannelAccount,
    logger: Logger,
  ): Parameters<NonNullable<Channel['connection']>['open']>[1] {
    const { service, intake, metrics, menu } = this.deps;
    return {
      menu,
      accept: async (event) => {
        const scope = await service.scope(account.tenantId);
        if (scope === undefined) return;
        await intake.accept(scope, account, event);
      },
      discard: (reception) => {
        metrics.count('sapa_inbound_events_total', { channel: account.channel, outcome: reception.type });
        if (reception.type === 'rejected')
          logger.warn({ reason: reception.reason }, 'an update was not understood');
      },
      changed: (state) => void this.remember(account, state),
    };
  }

  private async remember(account: ChannelAccount, state: ConnectionState): Promise<void> {
    try {
      await this.deps.service.putConnectionState(account.id, state);
    } catch (error) {
      this.deps.logger.warn({ error, accountId: account.id }, 'a connection state was not stored');
    }
  }
}

function sameAccount(a: AccountRecord, b: AccountRecord): boolean {
  return a.channel === b.channel && JSON.stringify(a.config) === JSON.stringify(b.config);
}
