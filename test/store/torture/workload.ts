import { MongoServerError, MongoServerSelectionError, type Collection, type MongoClient } from 'mongodb';
import type { Random } from '../../storm/random.js';
import { isLinearizable, type Event, type Operation } from './linearizable.js';
import { PATIENT_MS, pause, startLives, type Lives } from './lives.js';
import { transfer, type Ledger, checkLedger, openLedger } from './ledger.js';

export interface WorkloadOptions {
  readonly dataDir: string;
  readonly clients: number;
  readonly kills: number;
  /** Longest time between two kills, in ms. */
  readonly pauseMs: number;
  readonly random: Random;
}

export interface WorkloadReport {
  readonly operations: number;
  /** Operations of which it is unknown whether they were done. */
  readonly unknown: number;
  readonly commits: number;
  readonly snapshots: number;
  /** Each is a sentence; there should be none. */
  readonly violations: readonly string[];
}

interface Register {
  readonly _id: number;
  v: number;
}

/** Few documents, so that clients collide; replaced often, so that each history can be checked. */
const REGISTERS = 6;
const OPERATIONS_PER_REGISTER = 120;

interface Work {
  readonly lives: Lives;
  readonly options: WorkloadOptions;
  readonly histories: Map<number, Event[]>;
  /** Documents that exist. */
  readonly made: Set<number>;
  readonly ledger: Ledger;
  next: number;
  started: number;
  isOver: boolean;
}

/** Many clients on the same documents, in and out of transactions, while the store is killed repeatedly. */
export async function runWorkload(options: WorkloadOptions): Promise<WorkloadReport> {
  const lives = await startLives(options.dataDir);
  const first = lives.client(PATIENT_MS);
  const ledger = await openLedger(first);
  await first.close();
  const work: Work = {
    lives,
    options,
    histories: new Map(),
    made: new Set(),
    ledger,
    next: 1,
    started: 0,
    isOver: false,
  };
  const clients = Array.from({ length: options.clients }, () => clientUntilOver(work));
  for (let kill = 0; kill < options.kills; kill += 1) {
    await pause(options.random.between(options.pauseMs / 4, options.pauseMs));
    await lives.kill();
  }
  await pause(options.pauseMs);
  work.isOver = true;
  await Promise.all(clients);
  const last = lives.client(PATIENT_MS);
  const violations = [...(await checkLedger(last, ledger)), ...(await checkRegisters(last, work))];
  await last.close();
  await lives.end();
  const events = [...work.histories.values()].flat();
  return {
    operations: events.length,
    unknown: events.filter(({ ended }) => ended === undefined).length,
    commits: ledger.committed.size,
    snapshots: ledger.snapshots,
    violations,
  };
}

async function clientUntilOver(work: Work): Promise<void> {
  while (!work.isOver) {
    const { kills } = work.lives;
    const client = work.lives.client();
    try {
      while (!work.isOver && kills === work.lives.kills) {
        if (work.options.random.chance(30)) await transfer(client, work.ledger, work.options.random);
        else await oneOperation(client, work);
      }
    } catch {
      // The store was killed.
      await pause(20);
    } finally {
      await client.close().catch(() => undefined);
    }
  }
}

/** Each set of documents is used for a while; then the next set follows. */
function registerOf(work: Work): number {
  const era = Math.floor(work.started / (REGISTERS * OPERATIONS_PER_REGISTER));
  work.started += 1;
  return era * REGISTERS + work.options.random.between(0, REGISTERS - 1);
}

async function oneOperation(client: MongoClient, work: Work): Promise<void> {
  const { random } = work.options;
  const id = registerOf(work);
  const rows = client.db('torture').collection<Register>('registers');
  const history = work.histories.get(id) ?? [];
  work.histories.set(id, history);
  if (!work.made.has(id)) {
    await rows.updateOne({ _id: id }, { $setOnInsert: { v: 0 } }, { upsert: true });
    work.made.add(id);
  }
  const to = work.next++;
  const started = performance.now();
  const from = lastSeen(history);
  const kind = random.between(0, 3);
  try {
    const operation = await run(rows, id, kind, { to, from });
    if (operation) history.push({ operation, started, ended: performance.now() });
  } catch (error) {
    // If the server answered with an error or was never reached, the operation was not done.
    const isUndone = error instanceof MongoServerError || error instanceof MongoServerSelectionError;
    if (!isUndone && kind > 0)
      history.push({ operation: doubtful(kind, { to, from }), started, ended: undefined });
    throw error;
  }
}

interface Values {
  readonly to: number;
  readonly from: number;
}

/** `undefined` if the document does not exist yet. */
async function run(
  rows: Collection<Register>,
  _id: number,
  kind: number,
  { to, from }: Values,
): Promise<Operation | undefined> {
  if (kind === 0) {
    const row = await rows.findOne({ _id });
    return row ? { type: 'read', value: row.v } : undefined;
  }
  if (kind === 1) {
    const { matchedCount } = await rows.updateOne({ _id }, { $set: { v: to } });
    return matchedCount === 1 ? { type: 'set', to } : undefined;
  }
  if (kind === 2) {
    const before = await rows.findOneAndUpdate({ _id }, { $set: { v: to } });
    return before ? { type: 'swap', to, old: before.v } : undefined;
  }
  const { matchedCount } = await rows.updateOne({ _id, v: from }, { $set: { v: to } });
  // No match: the value was not `from`, so nothing was changed.
  return { type: 'replace', from, to, done: matchedCount === 1 };
}

function doubtful(kind: number, { to, from }: Values): Operation {
  if (kind === 1) return { type: 'set', to };
  if (kind === 2) return { type: 'swap', to, old: undefined };
  return { type: 'replace', from, to, done: undefined };
}

function lastSeen(history: readonly Event[]): number {
  const operation = history.at(-1)?.operation;
  if (!operation) return 0;
  return operation.type === 'read' ? operation.value : operation.to;
}

async function checkRegisters(client: MongoClient, { histories }: Work): Promise<string[]> {
  const rows = client.db('torture').collection<Register>('registers');
  const violations: string[] = [];
  for (const [id, history] of histories) {
    const row = await rows.findOne({ _id: id });
    const started = performance.now();
    if (row)
      history.push({
        operation: { type: 'read', value: row.v },
        started,
        ended: performance.now(),
      });
    if (!isLinearizable(history, 0)) violations.push(`document ${id}: no order explains its answers`);
  }
  return violations;
}
