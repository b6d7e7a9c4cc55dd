import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';

function message(body: Uint8Array, change: { length?: number; code?: number } = {}): Buffer {
  const head = Buffer.alloc(21);
  head.writeInt32LE(change.length ?? 21 + body.length, 0);
  head.writeInt32LE(change.code ?? 2013, 12);
  return Buffer.concat([head, body]);
}

function damaged(name: string): Buffer {
  const body = Buffer.from(BSON.serialize({ insert: 'x', documents: [{ a: 'text' }], $db: 'hostile' }));
  if (name === 'cut') body.writeInt32LE(body.length + 40, 0);
  else body.fill(0xff, 10, 30);
  return message(body);
}

describe('bytes that are not a MongoDB message', () => {
  let dataDir: string;
  let store: EmbeddedStore;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-hostile-'));
    store = await openEmbeddedStore({ dataDir, logger: silentLogger });
  });

  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true });
  });

  it.each([
    ['noise', randomBytes(4_096)],
    ['a huge length', message(Buffer.alloc(0), { length: 0x7fffffff })],
    ['a negative length', message(Buffer.alloc(0), { length: -1 })],
    ['an unknown operation', message(BSON.serialize({ ping: 1 }), { code: 99 })],
    ['a document longer than its message', damaged('cut')],
    ['a document with broken fields', damaged('broken')],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ])('end only their own connection: %s', async (_name, bytes) => {
    const socket = connect(join(dataDir, 'store.sock'));
    const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)));
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(bytes);
    expect(await closed).toBe(true);
    const client = new MongoClient(store.uri);
    expect(await client.db('hostile').command({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(await client.db('hostile').collection('x').countDocuments()).toBe(0);
    await client.close();
  });
});
