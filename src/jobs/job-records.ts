import { ObjectId, type Collection, type Db, type Document, type Filter } from 'mongodb';
import type { JobParameters } from 'agenda';
import { toJobId } from 'agenda';
import { QUICK } from '../lib/work/quick-write.js';

/** The fields of Agenda's job documents that we use. */
export interface JobRecord {
  readonly name: string;
  readonly nextRunAt: Date | null;
  readonly lockedAt: Date | null;
  readonly progress?: number | null;
  /** For recurring jobs: the cron expression and its time zone. */
  readonly repeatInterval?: string;
  readonly repeatTimezone?: string | null;
  readonly data: Envelope;
}

/** What a job carries besides its own data. */
export interface Envelope {
  readonly tenantId: string;
  readonly data: unknown;
  /** Failed attempts so far. */
  readonly tries: number;
  /** Unique among the waiting jobs of a tenant and type. */
  readonly key?: string;
  /** How often the process running it died. */
  readonly lost?: number;
}

const COLLECTION = 'jobs';
/** How many tenants are considered for fairness before simply taking the oldest due job. */
const TENANTS_LOOKED_AT = 32;

/** If fewer jobs than this are due, all of them are read together. */
const FEW_DUE = 20;

const WAITING = { lockedAt: null } as const;

/**
 * The documents behind Agenda's jobs, read so that tenants take turns. Locks and counts of failures are
 * `QUICK`: a job whose lock a crash has undone only runs again.
 */
export class JobRecords {
  private readonly jobs: Collection<JobRecord>;
  /** Job type -> the tenant served last. */
  private readonly served = new Map<string, string>();

  constructor(database: Db) {
    this.jobs = database.collection<JobRecord>(COLLECTION);
  }

  async prepare(): Promise<void> {
    await this.jobs.createIndexes([
      { key: { name: 1, lockedAt: 1, 'data.tenantId': 1, nextRunAt: 1 }, name: 'next of a tenant' },
      { key: { name: 1, lockedAt: 1, nextRunAt: 1 }, name: 'next of a type' },
      { key: { lockedAt: 1, nextRunAt: 1 }, name: 'next of all' },
      {
        key: { name: 1, 'data.tenantId': 1, 'data.key': 1 },
        name: 'one waiting per key',
        unique: true,
        partialFilterExpression: { lockedAt: null, 'data.key': { $exists: true } },
      },
    ]);
  }

  /** When the next job of any type is due; `undefined` if none is waiting. */
  async nextDueAt(): Promise<Date | undefined> {
    const next = await this.jobs.findOne(
      { ...WAITING, nextRunAt: { $ne: null } },
      { sort: { nextRunAt: 1 }, projection: { nextRunAt: 1 } },
    );
    return next?.nextRunAt ?? undefined;
  }

  /** Whether a process died, or stalled for so long that it counts as dead, while running a job. */
  async hasLost(lockedBefore: Date): Promise<boolean> {
    const lostJob = await this.jobs.findOne(lostBefore(lockedBefore), { projection: { _id: 1 } });
    return lostJob !== null;
  }

  async lockLost(name: string, now: Date, lockedBefore: Date): Promise<JobParameters | undefined> {
    const row = await this.jobs.findOneAndUpdate(
      { name, ...lostBefore(lockedBefore) },
      { $set: { lockedAt: now }, $inc: { 'data.lost': 1 } },
      { ...QUICK, returnDocument: 'after' },
    );
    return row === null ? undefined : parametersOf(row);
  }

  async find(filter: Filter<JobRecord>): Promise<JobRecord | undefined> {
    return (await this.jobs.findOne(filter)) ?? undefined;
  }

  /** Removes waiting and running jobs; returns how many. */
  async removeKeyed(name: string, tenantId: string, key: string): Promise<number> {
    const keyed = { name, 'data.tenantId': tenantId, 'data.key': key };
    const remove = async (lockedAt: null | { readonly $gt: Date }): Promise<number> =>
      (await this.jobs.deleteMany({ ...keyed, lockedAt })).deletedCount;
    // A waiting job is found by its key even among very many, and running ones are few. A job handed back
    // between the two calls is waiting again.
    const removed = (await remove(null)) + (await remove({ $gt: new Date(0) }));
    return removed > 0 ? removed : remove(null);
  }

  /** Extends the lock. `false`: the job was cancelled, or another process has it. */
  async keepLock(id: JobId, lockedAt: Date, progress: number): Promise<boolean> {
    const filter = { ...byId(id), lockedAt: { $ne: null } };
    return (await this.jobs.updateOne(filter, { $set: { lockedAt, progress } }, QUICK)).matchedCount === 1;
  }

  /** Stores the number of failed attempts of a job that will be retried. */
  async setTries(id: JobId, tries: number): Promise<void> {
    await this.jobs.updateOne(byId(id), { $set: { 'data.tries': tries } }, QUICK);
  }

  /** Locks the next due job of this type, taken from the tenant after the one served last. */
  async lockDue(name: string, now: Date): Promise<JobParameters | undefined> {
    const last = this.served.get(name) ?? '';
    const due = await this.jobs
      .find({ name, ...WAITING, nextRunAt: { $lte: now } }, { sort: { nextRunAt: 1 }, limit: FEW_DUE })
      .toArray();
    if (due.length === 0) return undefined;
    if (due.length < FEW_DUE) {
      // Everything due was read, so take the first tenant after the one served last.
      const turn = due.toSorted((one, other) => compare(one.data.tenantId, other.data.tenantId));
      const next = turn.find(({ data }) => data.tenantId > last) ?? turn[0];
      if (next !== undefined) this.served.set(name, next.data.tenantId);
      return next && this.lock(next, now);
    }
    let after = this.served.get(name) ?? '';
    let hasWrapped = after === '';
    for (let count = 0; count < TENANTS_LOOKED_AT; count += 1) {
      const next = await this.firstOfTenantAfter(name, after);
      if (next === null) {
        if (hasWrapped) return undefined;
        hasWrapped = true;
        after = '';
        continue;
      }
      const { tenantId } = next.data;
      const locked = isDue(next, now) ? await this.lock(next, now) : undefined;
      if (locked !== undefined) {
        this.served.set(name, tenantId);
        return locked;
      }
      after = tenantId;
    }
    // More tenants may be waiting; the next look continues from here.
    this.served.set(name, after);
    const oldest = await this.jobs.findOne(
      { name, ...WAITING, nextRunAt: { $lte: now } },
      { sort: { nextRunAt: 1 } },
    );
    return oldest === null ? undefined : this.lock(oldest, now);
  }

  private firstOfTenantAfter(name: string, tenantId: string) {
    return this.jobs.findOne(
      { name, ...WAITING, 'data.tenantId': { $gt: tenantId }, nextRunAt: { $ne: null } },
      { sort: { 'data.tenantId': 1, nextRunAt: 1 } },
    );
  }

  private async lock(row: { readonly _id: unknown }, now: Date): Promise<JobParameters | undefined> {
    const filter = { _id: row._id, ...WAITING } as Filter<JobRecord>;
    const locked = await this.jobs.findOneAndUpdate(
      filter,
      { $set: { lockedAt: now } },
      { ...QUICK, returnDocument: 'after' },
    );
    return locked === null ? undefined : parametersOf(locked);
  }
}

type JobId = JobParameters['_id'];

/** Agenda exposes ids as strings. */
export function byId(id: JobId | string): Filter<JobRecord> {
  return { _id: new ObjectId(String(id)) };
}

/** Matches locks that were not renewed since. */
const lostBefore = (date: Date): Filter<JobRecord> => ({ lockedAt: { $gt: new Date(0), $lte: date } });

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function isDue(row: JobRecord, now: Date): boolean {
  return row.nextRunAt !== null && row.nextRunAt.getTime() <= now.getTime();
}

/** A document in the form Agenda's own repository returns. */
function parametersOf(row: JobRecord & { readonly _id: unknown }): JobParameters {
  const present = Object.entries(row as Document).filter(([, value]) => value !== null);
  const fields = Object.fromEntries(present) as unknown as JobParameters;
  return { ...fields, _id: toJobId(String(row._id)) };
}
