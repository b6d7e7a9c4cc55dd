import { compress } from '@mongodb-js/zstd';
import mongoose from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';

let store: TestStore;
let scope: TenantScope;

beforeAll(async () => {
  store = await openTestStore();
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Shop' }));
  const opened = await store.service.scope('shop');
  if (opened === undefined) throw new Error('no scope');
  scope = opened;
});
afterAll(() => store.close());

async function save(bytes: Uint8Array): Promise<string> {
  const file = { kind: 'document', fileName: 'a.csv', mediaType: 'text/csv', bytes } as const;
  return (await scope.files.save(file)).id;
}

/** Bytes that do not repeat, so that compression does not make one piece of them. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let index = 0; index < length; index += 1) {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

it.each([0, 1, 4 * 1024 * 1024, 9_000_001])('a file of %i bytes is read as it was saved', async (length) => {
  const bytes = noise(length);
  const id = await save(bytes);
  expect(Buffer.compare((await scope.files.read(id)) ?? Buffer.from('lost'), bytes)).toBe(0);
});

it('a large file is read in pieces, in order', async () => {
  const bytes = noise(9_000_001);
  const pieces: Uint8Array[] = [];
  for await (const piece of (await scope.files.pieces(await save(bytes))) ?? []) pieces.push(piece);
  expect(pieces.length).toBe(3);
  expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0);
});

it('a file that an earlier version saved in one piece is still read', async () => {
  const bytes = Buffer.from('total,kota\n1,Solo\n'.repeat(50_000));
  const database = store.connection.getClient().db(`${store.options.databasePrefix ?? ''}shop`);
  const bucket = new mongoose.mongo.GridFSBucket(database, { bucketName: 'files', chunkSizeBytes: 1000 });
  const compressed = await compress(bytes, 3);
  await new Promise((resolve, reject) => {
    bucket.openUploadStream('file_older').once('finish', resolve).once('error', reject).end(compressed);
  });
  expect(Buffer.compare((await scope.files.read('file_older')) ?? Buffer.from('lost'), bytes)).toBe(0);
});
