import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mendWaitsOnClosedConnections } from '../../src/store/closed-connections.js';
import { storeErrorOf } from '../../src/store/guard.js';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/store/embedded/index.js';
import { silentLogger } from '../fakes/silent-logger.js';

// The driver that the store uses, whichever other copies of it are installed.
const { MongoClient } = mongoose.mongo;

/** Gives access to a client's sockets through the driver's internal pools. */
interface Pools {
  readonly s: {
    readonly servers: ReadonlyMap<
      string,
      { readonly pool: { readonly connections: { toArray(): { readonly socket: Socket }[] } } }
    >;
  };
}

describe('a command on a connection that the server has just closed', () => {
  let dataDir: string;
  let store: EmbeddedStore;
  let between: Server;
  let client: mongoose.mongo.MongoClient;
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    mendWaitsOnClosedConnections();
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-closed-'));
    store = await openEmbeddedStore({ dataDir, logger: silentLogger, port: 0 });
    const port = Number(new URL(store.uri).port);
    between = createServer((down) => {
      const up = connect(port, '127.0.0.1');
      for (const socket of [down, up]) socket.on('error', () => undefined);
      down.pipe(up).pipe(down);
      sockets.add(down);
    }).listen(0, '127.0.0.1');
    await once(between, 'listening');
    client = new MongoClient(
      `mongodb://127.0.0.1:${(between.address() as AddressInfo).port}/?directConnection=true`,
      { retryReads: false },
    );
  });

  afterEach(async () => {
    await client.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    between.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /**
   * Runs `use` at a moment of the server's closing: at `end` its FIN was just received; at `finish` the
   * socket is finished, but nobody was notified yet.
   */
  async function at(moment: 'end' | 'finish', use: () => Promise<unknown>): Promise<unknown> {
    const { topology } = client as unknown as { readonly topology: Pools };
    const [socket] = [...topology.s.servers.values()].flatMap(({ pool }) =>
      pool.connections.toArray().map((connection) => connection.socket),
    );
    if (!socket) throw new Error('the client has no connection');
    const outcome = new Promise((resolve) => {
      socket.once(moment, () => {
        resolve(use());
      });
    });
    for (const down of sockets) down.end();
    return outcome;
  }

  it.each(['end', 'finish'] as const)('fails as unavailable at "%s" and never hangs', async (moment) => {
    const ping = (): Promise<unknown> => client.db('closed').command({ ping: 1 });
    for (let i = 0; i < 5; i += 1) {
      await ping();
      const failure = await at(moment, ping).then(
        () => undefined,
        (error: unknown) => storeErrorOf(error),
      );
      expect(failure).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    }
    expect(await ping()).toMatchObject({ ok: 1 });
  });

  it('does not keep the client from closing', async () => {
    await client.db('closed').collection('rows').findOne({});
    await expect(at('finish', () => client.close())).resolves.toBeUndefined();
  });
});
