import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import type { Random } from '../../storm/random.js';
import { startStoreProcess } from '../embedded/child.js';

export interface HostileReport {
  readonly frames: number;
  /** Resident memory of the store's process after a tenth of the frames and after all, in MB. */
  readonly memoryBefore: number;
  readonly memoryAfter: number;
  readonly isAlive: boolean;
}

const AT_ONCE = 16;
/** Frames per connection, unless the store closes it earlier. */
const PER_CONNECTION = 20;

/** Sends this many frames that are almost messages or no messages at all. */
export async function runHostileFrames(
  dataDir: string,
  frames: number,
  random: Random,
): Promise<HostileReport> {
  const store = startStoreProcess(dataDir);
  try {
    const { uri } = await store.opened;
    const socket = join(dataDir, 'store.sock');
    let sentCount = 0;
    const sendUntil = async (end: number): Promise<void> => {
      const sender = async (): Promise<void> => {
        while (sentCount < end) {
          sentCount += PER_CONNECTION;
          await sendFrames(
            socket,
            Array.from({ length: PER_CONNECTION }, () => hostileFrame(random)),
          );
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sender));
    };
    await sendUntil(frames / 10);
    const memoryBefore = memoryOf(store.child.pid ?? 0);
    await sendUntil(frames);
    const memoryAfter = memoryOf(store.child.pid ?? 0);
    const client = new MongoClient(uri);
    const { ok } = await client.db('hostile').command({ ping: 1 });
    const isAlive = ok === 1 && (await client.db('hostile').collection('kept').countDocuments()) === 0;
    await client.close();
    return { frames: sentCount, memoryBefore, memoryAfter, isAlive };
  } finally {
    await store.end('SIGTERM');
  }
}

/** Resident memory of a process, in MB. */
function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}

function sendFrames(path: string, frames: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const over = (): void => {
      socket.destroy();
      resolve();
    };
    socket.on('error', over);
    socket.on('close', over);
    socket.resume();
    // The store may wait forever for the rest of an incomplete frame, so close the connection after a moment.
    socket.setTimeout(50, over);
    socket.write(Buffer.concat(frames));
  });
}

const COMMANDS: readonly BSON.Document[] = [
  { find: 'x', filter: { a: { $gt: 1, $in: [1, 'b', null] } }, $db: 'hostile' },
  { aggregate: 'x', pipeline: [{ $group: { _id: '$a', n: { $sum: 1 } } }], cursor: {}, $db: 'hostile' },
  { update: 'x', updates: [{ q: { a: 1 }, u: { $set: { b: [1, 2, { c: 3 }] } } }], $db: 'hostile' },
  { hello: 1, client: { application: { name: 'x' } }, $db: 'admin' },
  { getMore: BSON.Long.fromNumber(5), collection: 'x', $db: 'hostile' },
];

function message(body: Uint8Array, code: number): Buffer {
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + body.length, 0);
  head.writeInt32LE(code, 12);
  return Buffer.concat([head, body]);
}

/** A message with a few bytes changed, cut off, longer than declared, wrongly compressed, or noise. */
function hostileFrame(random: Random): Buffer {
  const command = COMMANDS[random.between(0, COMMANDS.length - 1)] ?? {};
  const frame = message(BSON.serialize(command), random.chance(80) ? 2013 : random.between(0, 3_000));
  const kind = random.between(0, 5);
  if (kind === 0) return noise(random.between(1, 300), random);
  if (kind === 1) return frame.subarray(0, random.between(1, frame.length - 1));
  if (kind === 2) frame.writeInt32LE(random.between(-5, 100_000_000), 0);
  if (kind === 3) frame.writeInt32LE(2012, 12);
  for (let change = random.between(1, 6); change > 0; change -= 1)
    frame.writeUInt8(random.between(0, 255), random.between(kind === 4 ? 21 : 0, frame.length - 1));
  return frame;
}

const noise = (bytes: number, random: Random): Buffer =>
  Buffer.from(Array.from({ length: bytes }, () => random.between(0, 255)));
