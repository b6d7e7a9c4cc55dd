import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Logger } from '../../contracts/runtime.js';
import { Ownership } from './election/ownership.js';
import { probe } from './election/probe.js';
import { makePrivateFolder, socketPathFor } from './election/socket-path.js';
import { startServerThread, type ServerThread } from './server-thread.js';
import type { BackupOptions } from './server/upkeep.js';
import { openTcpEntrance } from './tcp-entrance.js';

export interface EmbeddedStoreOptions {
  /** Data folder; created if missing, closed to other users. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** Also listens on this loopback port (0: any free one); `uri` then contains the port. */
  readonly port?: number;
  /** How many daily copies of the store to keep in the folder's `backups`; none by default. */
  readonly backupsKept?: number;
  /** Memory limit for open collections, in MB; the least recently used ones are closed. Default 512. */
  readonly memoryMegabytes?: number;
  /** Accepts `configureFailPoint`, which a client's tests use to make commands fail. */
  readonly hasTestCommands?: boolean;
}

/** `serving`: the store runs in this process. `joined`: another process on this machine runs it. */
export type StoreRole = 'serving' | 'joined';

export interface EmbeddedStore {
  /** Connection string for any MongoDB driver; the same for every process using the folder. */
  readonly uri: string;
  role(): StoreRole;
  /** Flushes, stops serving and lets another process take over. */
  close(): Promise<void>;
}

/** Pause before contacting an unresponsive owner again, in ms. */
const RETRY_MS = 50;
/** An owner that has not started after this is reported, in ms. */
const START_LIMIT_MS = 30_000;

/**
 * Opens the store of a data folder: serves it, or joins the process that does and takes over when that
 * process ends or is killed. The socket's path stays the same, so drivers reconnect. Throws if no process
 * serves the folder within half a minute.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  makePrivateFolder(options.dataDir);
  const socketPath = socketPathFor(options.dataDir);
  const member = new Member(options, socketPath);
  await member.start();
  const entrance =
    options.port === undefined ? undefined : await openEntrance(options.port, socketPath, member);
  const host = entrance ? `127.0.0.1:${entrance.port}` : encodeURIComponent(socketPath);
  return {
    uri: `mongodb://${host}/?directConnection=true`,
    role: () => member.role,
    async close() {
      await entrance?.close();
      await member.close();
    },
  };
}

async function openEntrance(
  port: number,
  socketPath: string,
  member: Member,
): ReturnType<typeof openTcpEntrance> {
  try {
    return await openTcpEntrance(port, socketPath);
  } catch (error) {
    await member.close();
    throw error;
  }
}

/** A process's part in serving a folder: it serves it or watches the process that does. */
class Member {
  role: StoreRole = 'joined';
  readonly #ownership: Ownership;
  readonly #path: string;
  readonly #backups: BackupOptions;
  #thread: ServerThread | undefined;
  #watched: Socket | undefined;
  #isClosed = false;
  #running: Promise<void> | undefined;

  constructor(
    private readonly options: EmbeddedStoreOptions,
    private readonly socketPath: string,
  ) {
    this.#path = join(options.dataDir, 'store');
    const ownership = join(options.dataDir, 'store-owner');
    makePrivateFolder(this.#path);
    makePrivateFolder(ownership);
    this.#backups = { folder: join(options.dataDir, 'backups'), kept: options.backupsKept ?? 0 };
    this.#ownership = new Ownership(ownership, randomUUID());
  }

  async start(): Promise<void> {
    const limit = Date.now() + START_LIMIT_MS;
    try {
      while (!(await this.#serveOrJoin())) {
        if (Date.now() > limit) throw new Error(`no process serves the store in ${this.options.dataDir}`);
        await pause(RETRY_MS);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Returns false if there is an owner that does not answer yet. */
  async #serveOrJoin(): Promise<boolean> {
    const connection = await probe(this.socketPath);
    if (this.#isClosed) {
      connection?.destroy();
      return true;
    }
    if (this.#ownership.claim(connection !== undefined)) {
      connection?.destroy();
      await this.#serve();
      return true;
    }
    if (!connection) return false;
    this.role = 'joined';
    this.#watched = connection;
    connection.resume();
    connection.once('close', () => {
      this.#standIn();
    });
    return true;
  }

  async #serve(): Promise<void> {
    try {
      this.#thread = await startServerThread(
        {
          path: this.#path,
          socketPath: this.socketPath,
          backups: this.#backups,
          memoryBytes:
            this.options.memoryMegabytes === undefined
              ? undefined
              : this.options.memoryMegabytes * 1024 * 1024,
          hasTestCommands: this.options.hasTestCommands,
        },
        this.options.logger,
      );
    } catch (error) {
      this.#ownership.release();
      throw error;
    }
    this.role = 'serving';
    this.options.logger.debug({ socket: this.socketPath }, 'serving the embedded store');
    const thread = this.#thread;
    void thread.ended.then((failure) => {
      if (this.#thread !== thread || this.#isClosed) return;
      this.#thread = undefined;
      this.role = 'joined';
      this.#ownership.release();
      this.options.logger.error({ error: failure?.message }, 'the embedded store ended, starting it again');
      this.#standIn();
    });
  }

  /** The serving process is gone: takes over or joins whichever process was faster. */
  #standIn(): void {
    if (this.#isClosed) return;
    this.#watched = undefined;
    this.#running ??= this.#keepTrying().finally(() => {
      this.#running = undefined;
    });
  }

  async #keepTrying(): Promise<void> {
    while (!this.#isClosed) {
      try {
        if (await this.#serveOrJoin()) return;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.options.logger.error({ error: message }, 'the embedded store could not be taken over');
      }
      await pause(RETRY_MS);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watched?.destroy();
    await this.#running;
    await this.#thread?.close();
    this.#ownership.release();
    await this.#ownership.close();
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
