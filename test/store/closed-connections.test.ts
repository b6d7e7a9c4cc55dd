import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mendWaitsOnClosedConnections } from '../../src/store/closed-connections.js';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/store/embedded/index.js';
import { silentLogger } from './embedded/silent-logger.js';

/** The sockets of a client, out of the driver's own pools. */
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
  let client: MongoClient;
  const taken = new Set<Socket>();

  beforeEach(async () => {
    mendWaitsOnClosedConnections();
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-closed-'));
    store = await openEmbeddedStore({ dataDir, logger: silentLogger, port: 0 });
    const port = Number(new URL(store.uri).port);
    between = createServer((down) => {
      const up = connect(port, '127.0.0.1');
      for (const socket of [down, up]) socket.on('error', () => undefined);
      down.pipe(up).pipe(down);
      taken.add(down);
    }).listen(0, '127.0.0.1');
    await once(between, 'listening');
    client = new MongoClient(
      `mongodb://127.0.0.1:${(between.address() as AddressInfo).port}/?directConnection=true`,
      { retryReads: false },
    );
  });

  afterEach(async () => {
    await client.close();
    for (const socket of taken) socket.destroy();
    taken.clear();
    between.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** The moment in which the socket is ended and destroyed, and nobody has heard of it yet. */
  async function atTheClosingOf(use: () => Promise<unknown>): Promise<unknown> {
    const { topology } = client as unknown as { readonly topology: Pools };
    const [socket] = [...topology.s.servers.values()].flatMap(({ pool }) =>
      pool.connections.toArray().map((connection) => connection.socket),
    );
    if (!socket) throw new Error('the client has no connection');
    const outcome = new Promise((resolve) => {
      socket.once('finish', () => {
        resolve(use());
      });
    });
    for (const down of taken) down.end();
    return outcome;
  }

  it('fails, instead of waiting for ever', async () => {
    for (let i = 0; i < 5; i += 1) {
      await client.db('closed').command({ ping: 1 });
      const outcome = atTheClosingOf(() => client.db('closed').command({ ping: 1 }));
      await expect(outcome).rejects.toMatchObject({ name: 'MongoNetworkError' });
    }
    expect(await client.db('closed').command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('does not keep the client from closing', async () => {
    await client.db('closed').collection('rows').findOne({});
    await expect(atTheClosingOf(() => client.close())).resolves.toBeUndefined();
  });
});
