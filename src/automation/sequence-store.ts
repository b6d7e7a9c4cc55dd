import type { Page, PageRequest } from '../contracts/stores.js';
import { defineRoomStore, defineRoomTable } from '../contracts/stores.js';
import { newestFirst } from './newest-first.js';

/** Messages that a person is sent one after the other. */
export interface Sequence {
  readonly name: string;
  /** Another one once it was deleted and made again. */
  readonly id: string;
  readonly steps: readonly {
    /** ISO 8601 duration or words, after the step before; of the first one, after the enrolment. */
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

/** How a person goes through a sequence the newest time. */
export interface Enrolment {
  readonly round: number;
  readonly followUpIds: readonly string[];
  readonly startedAt: Date;
  /** As the sequence was then: later changes are for those who come later. */
  readonly sequence: Sequence;
}

interface SequenceRow extends Omit<Sequence, 'name' | 'id'> {
  readonly _id: string;
  readonly key: string;
}

interface EnrolmentRow extends Enrolment {
  readonly _id: string;
}

const sequenceTable = defineRoomTable<SequenceRow>('sequences', [{ keys: { createdAt: -1, _id: -1 } }]);
const enrolmentTable = defineRoomTable<EnrolmentRow>('sequence_enrolments');

export interface SequenceStore {
  /** Replaces what it says; `created`: there was none of this name. */
  put(
    sequence: Omit<Sequence, 'createdAt'>,
  ): Promise<{ readonly sequence: Sequence; readonly created: boolean }>;
  get(name: string): Promise<Sequence | undefined>;
  list(page: PageRequest): Promise<Page<Sequence>>;
  remove(name: string): Promise<boolean>;
  enrolment(name: string, contactId: string): Promise<Enrolment | undefined>;
  /** Begins a round; the one that stands when another began it first. */
  enrol(name: string, contactId: string, enrolment: Enrolment): Promise<Enrolment>;
}

export const sequenceStore = defineRoomStore<SequenceStore>({
  tables: [sequenceTable, enrolmentTable],
  open({ rows }) {
    return {
      async put({ name, id, updatedAt, ...rest }) {
        const before = await rows(sequenceTable).findOneAndUpdate(
          { _id: String(name) },
          { $set: { ...rest, updatedAt }, $setOnInsert: { key: id, createdAt: updatedAt } },
          { upsert: true, returnDocument: 'before' },
        );
        const stored = {
          name,
          ...rest,
          updatedAt,
          id: before?.key ?? id,
          createdAt: before?.createdAt ?? updatedAt,
        };
        return { sequence: stored, created: before === null };
      },
      async get(name) {
        const row = await rows(sequenceTable).findOne({ _id: String(name) });
        return row === null ? undefined : sequenceOf(row);
      },
      async list(page) {
        const found = await newestFirst(rows(sequenceTable), {}, page);
        return { ...found, items: found.items.map((row) => sequenceOf(row)) };
      },
      async remove(name) {
        return (await rows(sequenceTable).deleteOne({ _id: String(name) })).deletedCount === 1;
      },
      async enrolment(name, contactId) {
        const row = await rows(enrolmentTable).findOne({ _id: enrolmentKey(name, contactId) });
        return row ?? undefined;
      },
      async enrol(name, contactId, enrolment) {
        const _id = enrolmentKey(name, contactId);
        const { round } = enrolment;
        if (round === 1) {
          const first = await rows(enrolmentTable).findOneAndUpdate(
            { _id },
            { $setOnInsert: enrolment },
            { upsert: true, returnDocument: 'after' },
          );
          return first ?? enrolment;
        }
        const next = await rows(enrolmentTable).findOneAndUpdate(
          { _id, round: round - 1 },
          { $set: enrolment },
          { returnDocument: 'after' },
        );
        return next ?? (await rows(enrolmentTable).findOne({ _id })) ?? enrolment;
      },
    };
  },
});

function enrolmentKey(name: string, contactId: string): string {
  return `${name} ${contactId}`;
}

function sequenceOf({ _id: name, key: id, ...rest }: SequenceRow): Sequence {
  return { name, id, ...rest };
}
