import type { Collection } from 'mongodb';
import { defineRoomStore } from '../../contracts/stores.js';
import { recordKey, smallRecords } from '../small-records.js';
import type { Counts } from './counts.js';

interface CountsRow {
  readonly _id: string;
  readonly counts: Counts;
}

interface NewsRow extends News {
  readonly _id: string;
}

/** A report that comes by itself: when it comes next, and what says so. */
export interface News {
  /** Cron line and time zone, as the settings asked for. */
  readonly schedule: string;
  readonly nextAt: Date;
}

export interface ReportStore {
  /** What was counted of a period that is over and does not change any more. */
  counts(key: string, timezone: string): Promise<Counts | undefined>;
  keepCounts(key: string, timezone: string, counts: Counts): Promise<void>;
  news(kind: string): Promise<News | undefined>;
  setNews(kind: string, news: News | undefined): Promise<void>;
}

export const reportStore = defineRoomStore<ReportStore>({
  // The store of sequences lists the collection.
  tables: [],
  open({ rows }) {
    const counts = (): Collection<CountsRow> => rows<CountsRow>(smallRecords);
    const news = (): Collection<NewsRow> => rows<NewsRow>(smallRecords);
    return {
      async counts(key, timezone) {
        return (await counts().findOne({ _id: recordKey('report', key, timezone) }))?.counts;
      },
      async keepCounts(key, timezone, kept) {
        const _id = recordKey('report', key, timezone);
        await counts().updateOne({ _id }, { $set: { counts: kept } }, { upsert: true });
      },
      async news(kind) {
        return (await news().findOne({ _id: recordKey('news', kind) })) ?? undefined;
      },
      async setNews(kind, wanted) {
        const _id = recordKey('news', kind);
        if (wanted === undefined) await news().deleteOne({ _id });
        else await news().updateOne({ _id }, { $set: { ...wanted } }, { upsert: true });
      },
    };
  },
});
