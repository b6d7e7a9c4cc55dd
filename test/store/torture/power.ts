import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import type { Random } from '../../storm/random.js';
import { startStoreProcess } from '../embedded/child.js';
import { pause } from './lives.js';

const SECTOR = 512;
const PAGE = 4_096;
/** Offset of the commit number in a header page (`mm_txnid` of mdb.c). */
const COMMIT_AT = 152;

export interface PowerReport {
  readonly cuts: number;
  /**
   * `unsynced`: sectors that were written but not yet synced; `lostSectors`: those of them that a cut
   * removed.
   */
  readonly unsynced: number;
  readonly lostSectors: number;
  readonly acknowledged: number;
  /** Each is a sentence; there should be none. */
  readonly violations: readonly string[];
}

interface Image {
  readonly bytes: Buffer;
  readonly commit: bigint;
}

/**
 * Simulates power cuts: the store is paused twice within a moment, which yields its file as of a commit on
 * disk and as of shortly after, with pages of the next commit that were not synced yet. The disk then holds
 * the first image with any subset of the changed sectors of the second.
 */
export async function runPowerCuts(cuts: number, random: Random): Promise<PowerReport> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sapa-power-'));
  const report = { cuts: 0, unsynced: 0, lostSectors: 0, acknowledged: 0 };
  const violations: string[] = [];
  const store = startStoreProcess(dataDir, 'write', '0');
  try {
    await store.opened;
    while (store.inserted.size < 20) await pause(5);
    while (report.cuts < cuts) {
      await pause(random.between(1, 60));
      store.child.kill('SIGSTOP');
      await pause(2);
      const acknowledged = new Set(store.inserted);
      const before = await imageOf(dataDir);
      store.child.kill('SIGCONT');
      await pause(random.between(0, 6));
      store.child.kill('SIGSTOP');
      await pause(2);
      const after = await imageOf(dataDir);
      store.child.kill('SIGCONT');
      // Parts may only be missing of what a single commit wrote.
      if (after.commit > before.commit + 1n) continue;
      const cut = torn(before, after, random);
      if (cut.unsynced === 0) continue;
      report.cuts += 1;
      report.unsynced += cut.unsynced;
      report.lostSectors += cut.lost;
      report.acknowledged = acknowledged.size;
      violations.push(...(await contradictions(dataDir, cut.bytes, acknowledged)));
    }
  } finally {
    await store.end('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }
  return { ...report, violations };
}

async function imageOf(dataDir: string): Promise<Image> {
  const bytes = await readFile(join(dataDir, 'store', 'data.mdb'));
  const [first, second] = [bytes.readBigUInt64LE(COMMIT_AT), bytes.readBigUInt64LE(PAGE + COMMIT_AT)];
  return { bytes, commit: first > second ? first : second };
}

/** The first image with some of the changed sectors; its headers stay, because they are written last. */
function torn(
  before: Image,
  after: Image,
  random: Random,
): { bytes: Buffer; unsynced: number; lost: number } {
  // A growing file first gets longer, and its new sectors are zero.
  const grown = random.chance(50) ? after.bytes.length : before.bytes.length;
  const bytes = Buffer.alloc(Math.max(grown, before.bytes.length));
  before.bytes.copy(bytes);
  let [unsynced, lost] = [0, 0];
  const share = random.between(0, 100);
  for (let at = 2 * PAGE; at < bytes.length; at += SECTOR) {
    const fresh = after.bytes.subarray(at, at + SECTOR);
    if (fresh.equals(bytes.subarray(at, at + SECTOR))) continue;
    unsynced += 1;
    if (random.chance(share)) fresh.copy(bytes, at);
    else lost += 1;
  }
  return { bytes, unsynced, lost };
}

async function contradictions(
  origin: string,
  bytes: Buffer,
  acknowledged: ReadonlySet<number>,
): Promise<string[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sapa-cut-'));
  const complaints: string[] = [];
  try {
    await mkdir(join(dataDir, 'store'));
    await writeFile(join(dataDir, 'store', 'data.mdb'), bytes);
    await copyFile(join(origin, 'store', 'store.json'), join(dataDir, 'store', 'store.json'));
    const note = (_facts: unknown, line?: string): number => complaints.push(line ?? '');
    const store = await openEmbeddedStore({ dataDir, logger: { ...silentLogger, error: note } });
    const client = new MongoClient(store.uri);
    const rows = client.db('kills').collection<{ _id: number; v: number; half: number; text: string }>('d');
    const stored = await rows.find().toArray();
    const there = new Set(stored.map(({ _id }) => _id));
    const lost = [...acknowledged].filter((n) => !there.has(n));
    if (lost.length > 0) complaints.push(`${lost.length} acknowledged documents are lost`);
    const half = stored.filter(({ _id, v, half: part }) => v !== _id || part !== Math.floor(_id / 2));
    if (half.length > 0) complaints.push(`${half.length} documents are there by halves`);
    await rows.insertOne({ _id: -1, v: -1, half: -1, text: '' });
    await client.close();
    await store.close();
  } catch (error) {
    complaints.push(error instanceof Error ? error.message : String(error));
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  return complaints;
}
