import { ObjectId, type Collection, type Db, type Document, type Filter } from 'mongodb';
import type { JobParameters } from 'agenda';
import { toJobId } from 'agenda';

/** What Agenda keeps of a job, as far as we look at it. */
export interface JobRecord {
  readonly name: string;
  readonly nextRunAt: Date | null;
  readonly lockedAt: Date | null;
  readonly progress?: number | null;
  /** Of one that recurs: its cron and the zone it is read in. */
  readonly repeatInterval?: string;
  readonly repeatTimezone?: string | null;
  readonly data: Envelope;
}

/** What a job carries besides its own data. */
export interface Envelope {
  readonly tenantId: string;
  readonly data: unknown;
  /** Failed tries so far. */
  readonly tries: number;
  /** One waiting job of a tenant and type has it. */
  readonly key?: string;
  /** How often the process that ran it died. */
  readonly lost?: number;
}

const COLLECTION = 'jobs';
/** Tenants whose next job is looked at before the oldest one that is due is taken, whoever has it. */
const TENANTS_LOOKED_AT = 32;

/** Fewer jobs than this that are due are looked at together. */
const FEW_DUE = 20;

const WAITING = { lockedAt: null } as const;

/** The records behind Agenda's jobs, read so that tenants take turns. */
export class JobRecords {
  private readonly jobs: Collection<JobRecord>;
  /** Type -> tenant that was served last. */
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

  /** When the next job of any type is due; `undefined` when none waits. */
  async nextDueAt(): Promise<Date | undefined> {
    const next = await this.jobs.findOne(
      { ...WAITING, nextRunAt: { $ne: null } },
      { sort: { nextRunAt: 1 }, projection: { nextRunAt: 1 } },
    );
    return next?.nextRunAt ?? undefined;
  }

  /** Whether a process died, or was held up for so long that it counts as dead, with a job in hand. */
  async hasLost(lockedBefore: Date): Promise<boolean> {
    const lost = await this.jobs.findOne(lostBefore(lockedBefore), { projection: { _id: 1 } });
    return lost !== null;
  }

  async lockLost(name: string, now: Date, lockedBefore: Date): Promise<JobParameters | undefined> {
    const row = await this.jobs.findOneAndUpdate(
      { name, ...lostBefore(lockedBefore) },
      { $set: { lockedAt: now }, $inc: { 'data.lost': 1 } },
      { returnDocument: 'after' },
    );
    return row === null ? undefined : parametersOf(row);
  }

  async find(filter: Filter<JobRecord>): Promise<JobRecord | undefined> {
    return (await this.jobs.findOne(filter)) ?? undefined;
  }

  /** Waiting or running; how many there were. */
  async removeKeyed(name: string, tenantId: string, key: string): Promise<number> {
    const keyed = { name, 'data.tenantId': tenantId, 'data.key': key };
    const remove = async (lockedAt: null | { readonly $gt: Date }): Promise<number> =>
      (await this.jobs.deleteMany({ ...keyed, lockedAt })).deletedCount;
    // Among very many the one that waits is found by its key, and those that run are few. One that is
    // put back in between waits again.
    const removed = (await remove(null)) + (await remove({ $gt: new Date(0) }));
    return removed > 0 ? removed : remove(null);
  }

  /** Still ours, for another while. `false`: it was cancelled, or another process has it. */
  async keepLock(id: JobId, lockedAt: Date, progress: number): Promise<boolean> {
    const filter = { ...byId(id), lockedAt: { $ne: null } };
    return (await this.jobs.updateOne(filter, { $set: { lockedAt, progress } })).matchedCount === 1;
  }

  /** Counts the failed tries of a job that goes on. */
  async setTries(id: JobId, tries: number): Promise<void> {
    await this.jobs.updateOne(byId(id), { $set: { 'data.tries': tries } });
  }

  /** Locks the next job of this type that is due: that of the tenant after the one served last. */
  async lockDue(name: string, now: Date): Promise<JobParameters | undefined> {
    const last = this.served.get(name) ?? '';
    const due = await this.jobs
      .find({ name, ...WAITING, nextRunAt: { $lte: now } }, { sort: { nextRunAt: 1 }, limit: FEW_DUE })
      .toArray();
    if (due.length === 0) return undefined;
    if (due.length < FEW_DUE) {
      // All that is due is seen: the first of the tenants after the one served last, in turn.
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
    // Many tenants wait for later: the next look goes on from here.
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
      { returnDocument: 'after' },
    );
    return locked === null ? undefined : parametersOf(locked);
  }
}

type JobId = JobParameters['_id'];

/** Agenda hands ids out as text. */
export function byId(id: JobId | string): Filter<JobRecord> {
  return { _id: new ObjectId(String(id)) };
}

/** A lock that was not renewed since. */
const lostBefore = (date: Date): Filter<JobRecord> => ({ lockedAt: { $gt: new Date(0), $lte: date } });

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function isDue(row: JobRecord, now: Date): boolean {
  return row.nextRunAt !== null && row.nextRunAt.getTime() <= now.getTime();
}

/** A row as Agenda's own repository hands it out. */
function parametersOf(row: JobRecord & { readonly _id: unknown }): JobParameters {
  const present = Object.entries(row as Document).filter(([, value]) => value !== null);
  const fields = Object.fromEntries(present) as unknown as JobParameters;
  return { ...fields, _id: toJobId(String(row._id)) };
}
