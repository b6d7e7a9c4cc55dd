import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Collection, Db } from 'mongodb';
import { compiledEntry } from '../../../src/lib/project-root.js';
import { DamagedStoreError, examineStore } from '../../../src/store/embedded/index.js';
import type { Random } from '../../storm/random.js';
import { PATIENT_MS, pause, startLives, type Lives } from './lives.js';

export interface KillsReport {
  /** Number of kills during each kind of work. */
  readonly kills: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  /** Each is a sentence; there should be none. */
  readonly violations: readonly string[];
}

interface Row {
  readonly _id: number;
  readonly round: number;
}

/** Documents that the long operations work on. */
const ROWS = 3_000;
const LONGEST_MS = 150;
const LONGEST_BEGIN_MS = 10_000;

/** Work that is repeated until the store is killed in the middle of it. */
const JOBS: Readonly<Record<string, (db: Db, round: number) => Promise<unknown>>> = {
  'an $out': (db, round) =>
    rowsOf(db)
      .aggregate([{ $set: { round: { $literal: round } } }, { $out: 'result' }])
      .toArray(),
  'an index build': async (db, round) => {
    const name = await rowsOf(db).createIndex({ [`f${round}`]: 1, _id: -1 });
    await rowsOf(db).dropIndex(name);
  },
  'a rename': async (db) => {
    await db.collection('named').rename('renamed');
    await db.collection('renamed').rename('named');
  },
  'a drop': async (db, round) => {
    await db.collection<Row>('dropped').insertMany(fewRows(round));
    await db.collection('dropped').drop();
  },
  'a compaction': (db) => db.command({ compact: 'rows' }),
  'writes alone': (db) => db.command({ ping: 1 }).then(() => pause(20)),
};

const rowsOf = (db: Db): Collection<Row> => db.collection<Row>('rows');
const fewRows = (round: number): Row[] => Array.from({ length: 500 }, (_, _id) => ({ _id, round }));

/**
 * Kills the store this many times, each time in the middle of one kind of work, and checks everything
 * afterwards.
 */
export async function runKills(dataDir: string, kills: number, random: Random): Promise<KillsReport> {
  const lives = await startLives(dataDir);
  const acknowledged = new Set<number>();
  const counts: Record<string, number> = {};
  const violations: string[] = [];
  await prepare(lives);
  const names = Object.keys(JOBS);
  for (let kill = 0; kill < kills; kill += 1) {
    const name = names[kill % names.length] ?? '';
    const over = untilKilled(lives, name, kill, acknowledged);
    // A kill before anything happened would prove nothing.
    await begun(acknowledged, acknowledged.size + 3);
    await pause(random.between(0, LONGEST_MS));
    await lives.kill();
    await over;
    counts[name] = (counts[name] ?? 0) + 1;
    const client = lives.client(PATIENT_MS);
    violations.push(...(await contradictions(client.db('kills'), acknowledged, `after ${name}`)));
    await client.close();
  }
  await lives.end();
  return { kills: counts, acknowledged: acknowledged.size, violations };
}

async function begun(acknowledged: ReadonlySet<number>, minimum: number): Promise<void> {
  const until = performance.now() + LONGEST_BEGIN_MS;
  while (acknowledged.size < minimum && performance.now() < until) await pause(2);
}

async function prepare(lives: Lives): Promise<void> {
  const client = lives.client(PATIENT_MS);
  const db = client.db('kills');
  await rowsOf(db).insertMany(Array.from({ length: ROWS }, (_, _id) => ({ _id, round: -1 })));
  await rowsOf(db)
    .aggregate([{ $out: 'result' }])
    .toArray();
  await db.collection<Row>('named').insertMany(fewRows(0));
  await db.collection('written').createIndex({ n: 1 }, { unique: true });
  await client.close();
}

async function untilKilled(
  lives: Lives,
  name: string,
  round: number,
  acknowledged: Set<number>,
): Promise<void> {
  const client = lives.client();
  const db = client.db('kills');
  let next = round * 1_000_000;
  const writing = async (): Promise<void> => {
    for (;;) {
      const n = next++;
      await db.collection<{ _id: number; n: number }>('written').insertOne({ _id: n, n });
      acknowledged.add(n);
    }
  };
  const working = async (): Promise<void> => {
    for (;;) await JOBS[name]?.(db, round);
  };
  await Promise.allSettled([writing(), writing(), working()]);
  await client.close().catch(() => undefined);
}

/** What must not be found after a kill. */
async function contradictions(db: Db, acknowledged: ReadonlySet<number>, when: string): Promise<string[]> {
  const out: string[] = [];
  const say = (sentence: string): number => out.push(`${when}: ${sentence}`);
  const documents = await db
    .collection<{ _id: number }>('written')
    .find({}, { projection: { _id: 1 } })
    .toArray();
  const there = new Set(documents.map(({ _id }) => _id));
  const lost = [...acknowledged].filter((n) => !there.has(n));
  if (lost.length > 0) say(`${lost.length} acknowledged documents are lost`);
  if (there.size !== documents.length) say('a document is there twice');
  const names = (await db.listCollections().toArray()).map(({ name }) => name);
  const one = names.filter((name) => name === 'named' || name === 'renamed');
  if (one.length !== 1) say(`the renamed collection has ${one.length} names`);
  else {
    const [name = ''] = one;
    if ((await db.collection(name).countDocuments()) !== 500) say('the renamed collection lost documents');
    if (name === 'renamed') await db.collection('renamed').rename('named');
  }
  const rounds = await db.collection<Row>('result').distinct('round');
  const results = await db.collection('result').countDocuments();
  if (results !== ROWS || rounds.length !== 1)
    say(`the target of $out holds ${results} of ${rounds.length} runs`);
  if ((await rowsOf(db).countDocuments()) !== ROWS) say('its source changed');
  for (const { name } of await db.listCollections().toArray()) {
    const validation = await db.command({ validate: name });
    if (validation['valid'] !== true) say(`${name} is not valid`);
  }
  // The next round starts without what this one left half done.
  await db.dropCollection('dropped');
  for (const { name } of await rowsOf(db).indexes())
    if (name !== undefined && name !== '_id_') await rowsOf(db).dropIndex(name);
  return out;
}

/**
 * Kills `sapa store repair` of a damaged store at random moments, this many times: nothing may be lost, and
 * the next repair must reach the same result.
 */
export async function runRepairKills(
  wholeDataDir: string,
  kills: number,
  random: Random,
): Promise<{ readonly kills: number; readonly violations: readonly string[] }> {
  const violations: string[] = [];
  let done = 0;
  while (done < kills) {
    const dataDir = await mkdtemp(join(tmpdir(), 'sapa-repair-kills-'));
    try {
      await copyDamaged(wholeDataDir, dataDir);
      const before = await recordsOf(dataDir);
      if (await repairKilled(dataDir, random.between(1, 700))) done += 1;
      await repair(dataDir);
      const after = await recordsOf(dataDir);
      const folders = await readdir(dataDir);
      if (after.damage > 0) violations.push('a repair that was killed and done again left damage');
      if (after.records < before.records - 1) {
        violations.push(`${before.records - after.records} records are lost by a repair that was killed`);
      }
      if (!folders.some((name) => name.startsWith('store-damaged-')))
        violations.push('the damaged store was not kept');
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  }
  return { kills: done, violations };
}

async function copyDamaged(from: string, to: string): Promise<void> {
  await mkdir(join(to, 'store'), { recursive: true });
  for (const name of ['data.mdb', 'store.json'])
    await copyFile(join(from, 'store', name), join(to, 'store', name));
  const file = await open(join(to, 'store', 'data.mdb'), 'r+');
  // Damages the older header, so that all records can still be found.
  const head = Buffer.alloc(8_192);
  await file.read(head, 0, head.length, 0);
  const older = head.readBigUInt64LE(152) < head.readBigUInt64LE(4_096 + 152) ? 0 : 4_096;
  await file.write(Buffer.alloc(4_096), 0, 4_096, older);
  await file.close();
}

async function recordsOf(dataDir: string): Promise<{ records: number; damage: number }> {
  try {
    const examination = await examineStore(dataDir);
    return { records: examination?.records ?? 0, damage: examination?.damage.length ?? 0 };
  } catch (error) {
    if (!(error instanceof DamagedStoreError)) throw error;
    return { records: 0, damage: 1 };
  }
}

const entry = (): string => fileURLToPath(compiledEntry('src/cli.js'));

const repair = (dataDir: string): Promise<void> =>
  new Promise((resolve) => {
    const env = { ...process.env, DATA_DIR: dataDir };
    execFile(process.execPath, [entry(), 'store', 'repair'], { env }, () => {
      resolve();
    });
  });

/** Returns false if it ended before. */
function repairKilled(dataDir: string, afterMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const env = { ...process.env, DATA_DIR: dataDir };
    const child = execFile(process.execPath, [entry(), 'store', 'repair'], { env }, () => {
      clearTimeout(timer);
      resolve(child.signalCode !== null);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
}
