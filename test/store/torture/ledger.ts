import { MongoServerError, type ClientSession, type Collection, type MongoClient } from 'mongodb';
import type { Random } from '../../storm/random.js';

const ACCOUNTS = 8;
const START = 1_000;

interface Account {
  readonly _id: number;
  amount: number;
}

interface Transfer {
  readonly _id: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

/** Accounts and the transfers between them; in every snapshot, both sides of a transfer must agree. */
export interface Ledger {
  /** Transfers whose commit was acknowledged. */
  readonly committed: Set<number>;
  /** Transfers that were rolled back. */
  readonly aborted: Set<number>;
  readonly violations: string[];
  snapshots: number;
  next: number;
}

const accountsOf = (client: MongoClient): Collection<Account> =>
  client.db('torture').collection<Account>('accounts');
const transfersOf = (client: MongoClient): Collection<Transfer> =>
  client.db('torture').collection<Transfer>('transfers');

export async function openLedger(client: MongoClient): Promise<Ledger> {
  await accountsOf(client).insertMany(Array.from({ length: ACCOUNTS }, (_, _id) => ({ _id, amount: START })));
  await transfersOf(client).createIndex({ from: 1 });
  return { committed: new Set(), aborted: new Set(), violations: [], snapshots: 0, next: 1 };
}

/** One transaction: a transfer, or a check of everything. A conflict is not a failure. */
export async function transfer(client: MongoClient, ledger: Ledger, random: Random): Promise<void> {
  const session = client.startSession();
  try {
    session.startTransaction({ readConcern: { level: 'snapshot' } });
    if (random.chance(30)) await look(client, ledger, session);
    else await move(client, ledger, session, random);
  } catch (error) {
    if (!(error instanceof MongoServerError) || !error.hasErrorLabel('TransientTransactionError'))
      throw error;
    await session.abortTransaction();
  } finally {
    await session.endSession();
  }
}

async function move(
  client: MongoClient,
  ledger: Ledger,
  session: ClientSession,
  random: Random,
): Promise<void> {
  const [from, amount] = [random.between(0, ACCOUNTS - 1), random.between(1, 50)];
  const to = (from + random.between(1, ACCOUNTS - 1)) % ACCOUNTS;
  const _id = ledger.next++;
  const accounts = accountsOf(client);
  await accounts.updateOne({ _id: from }, { $inc: { amount: -amount } }, { session });
  await transfersOf(client).insertOne({ _id, from, to, amount }, { session });
  await accounts.updateOne({ _id: to }, { $inc: { amount } }, { session });
  if (random.chance(10)) {
    await session.abortTransaction();
    ledger.aborted.add(_id);
  } else {
    await session.commitTransaction();
    ledger.committed.add(_id);
  }
}

async function look(client: MongoClient, ledger: Ledger, session: ClientSession): Promise<void> {
  // Everything acknowledged before this transaction began must be visible.
  const before = [...ledger.committed];
  const balances = await snapshot(client, session);
  ledger.snapshots += 1;
  ledger.violations.push(...contradictions(balances, before, ledger.aborted));
  await session.commitTransaction();
}

interface Seen {
  readonly accounts: readonly Account[];
  readonly transfers: readonly Transfer[];
}

async function snapshot(client: MongoClient, session?: ClientSession): Promise<Seen> {
  const options = session ? { session } : {};
  const transfers = await transfersOf(client).find({}, options).toArray();
  return { accounts: await accountsOf(client).find({}, options).toArray(), transfers };
}

function contradictions(
  { accounts, transfers }: Seen,
  acknowledged: readonly number[],
  aborted: ReadonlySet<number>,
): string[] {
  const amounts = Array.from({ length: ACCOUNTS }, () => START);
  for (const { from, to, amount } of transfers) {
    amounts[from] = (amounts[from] ?? 0) - amount;
    amounts[to] = (amounts[to] ?? 0) + amount;
  }
  const wrong = accounts.filter(({ _id, amount }) => amounts[_id] !== amount);
  const transferIds = new Set(transfers.map(({ _id }) => _id));
  const lost = acknowledged.filter((id) => !transferIds.has(id));
  return [
    ...wrong.map(({ _id, amount }) => `account ${_id} has ${amount}, its transfers say ${amounts[_id]}`),
    ...(accounts.length === ACCOUNTS ? [] : [`${accounts.length} accounts`]),
    ...[...transferIds]
      .filter((id) => aborted.has(id))
      .map((id) => `transfer ${id} was taken back and is there`),
    ...lost.map((id) => `transfer ${id} was acknowledged and is not there`),
  ];
}

/** Called after the last life. */
export async function checkLedger(client: MongoClient, ledger: Ledger): Promise<string[]> {
  return [
    ...ledger.violations,
    ...contradictions(await snapshot(client), [...ledger.committed], ledger.aborted),
  ];
}
