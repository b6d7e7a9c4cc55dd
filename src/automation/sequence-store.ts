import type { Collection } from 'mongodb';
import type { Page, PageRequest } from '../contracts/stores.js';
import { defineRoomStore } from '../contracts/stores.js';
import { keysOf, recordKey, smallRecords } from './small-records.js';

/** Messages sent to a person one after the other. */
export interface Sequence {
  readonly name: string;
  /** Differs after the sequence was deleted and created again. */
  readonly id: string;
  readonly steps: readonly {
    /** ISO 8601 duration or words, after the previous step; for the first step, after the enrolment. */
    readonly after: string;
    readonly afterMs: number;
    readonly message: string;
  }[];
  readonly cancelOnReply: boolean;
  readonly respectHours: boolean;
  readonly stopTags: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A person's latest round through a sequence. */
export interface Enrolment {
  readonly round: number;
  readonly followUpIds: readonly string[];
  readonly startedAt: Date;
  /** The sequence at that time: later changes apply only to people enrolled later. */
  readonly sequence: Sequence;
}

interface SequenceRow extends Omit<Sequence, 'id'> {
  readonly _id: string;
  readonly key: string;
}

interface EnrolmentRow extends Enrolment {
  readonly _id: string;
}

export interface SequenceStore {
  /** Replaces its contents; `created`: there was no sequence with this name. */
  put(
    sequence: Omit<Sequence, 'createdAt'>,
  ): Promise<{ readonly sequence: Sequence; readonly created: boolean }>;
  get(name: string): Promise<Sequence | undefined>;
  /** Sorted by name. */
  list(page: PageRequest): Promise<Page<Sequence>>;
  remove(name: string): Promise<boolean>;
  enrolment(name: string, contactId: string): Promise<Enrolment | undefined>;
  /** Starts a round; returns the existing one if another caller started it first. */
  enrol(name: string, contactId: string, enrolment: Enrolment): Promise<Enrolment>;
}

export const sequenceStore = defineRoomStore<SequenceStore>({
  tables: [smallRecords],
  open({ rows }) {
    const sequences = (): Collection<SequenceRow> => rows<SequenceRow>(smallRecords);
    const enrolments = (): Collection<EnrolmentRow> => rows<EnrolmentRow>(smallRecords);
    return {
      async put({ id, updatedAt, ...rest }) {
        const before = await sequences().findOneAndUpdate(
          { _id: sequenceKey(rest.name) },
          { $set: { ...rest, updatedAt }, $setOnInsert: { key: id, createdAt: updatedAt } },
          { upsert: true, returnDocument: 'before' },
        );
        const { key = id, createdAt = updatedAt } = before ?? {};
        return { sequence: { ...rest, updatedAt, id: key, createdAt }, created: before === null };
      },
      async get(name) {
        const row = await sequences().findOne({ _id: sequenceKey(name) });
        return row === null ? undefined : sequenceOf(row);
      },
      async list({ limit, cursor }) {
        const { $gt, $lt } = keysOf('sequence');
        const records = await sequences()
          .find({ _id: { $gt: cursor === undefined ? $gt : sequenceKey(cursor), $lt } })
          .sort({ _id: 1 })
          .limit(limit + 1)
          .toArray();
        const items = records.slice(0, limit).map((row) => sequenceOf(row));
        const last = items.at(-1);
        return records.length > limit && last !== undefined ? { items, nextCursor: last.name } : { items };
      },
      async remove(name) {
        return (await sequences().deleteOne({ _id: sequenceKey(name) })).deletedCount === 1;
      },
      async enrolment(name, contactId) {
        const row = await enrolments().findOne({ _id: enrolmentKey(name, contactId) });
        return row ?? undefined;
      },
      async enrol(name, contactId, enrolment) {
        const _id = enrolmentKey(name, contactId);
        const { round } = enrolment;
        if (round === 1) {
          const first = await enrolments().findOneAndUpdate(
            { _id },
            { $setOnInsert: enrolment },
            { upsert: true, returnDocument: 'after' },
          );
          return first ?? enrolment;
        }
        const next = await enrolments().findOneAndUpdate(
          { _id, round: round - 1 },
          { $set: enrolment },
          { returnDocument: 'after' },
        );
        return next ?? (await enrolments().findOne({ _id })) ?? enrolment;
      },
    };
  },
});

function sequenceKey(name: string): string {
  return recordKey('sequence', name);
}

function enrolmentKey(name: string, contactId: string): string {
  return recordKey('enrolment', name, contactId);
}

function sequenceOf({ _id, key: id, ...rest }: SequenceRow): Sequence {
  return { ...rest, id };
}
