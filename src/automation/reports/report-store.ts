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

interface AlertsRow {
  readonly _id: string;
  readonly alerts: SentAlerts;
}

/** A report sent without asking: when it is next due, and the schedule behind that. */
export interface News {
  /** Cron line and time zone, as set in the settings. */
  readonly schedule: string;
  readonly nextAt: Date;
}

/** What staff were alerted to on a day: matters that came up together are reported together. */
export interface SentAlerts {
  readonly day: string;
  readonly groups: readonly (readonly string[])[];
}

export interface ReportStore {
  /** The counts of a period that is over and no longer changes. */
  counts(key: string, timezone: string): Promise<Counts | undefined>;
  keepCounts(key: string, timezone: string, counts: Counts): Promise<void>;
  news(kind: string): Promise<News | undefined>;
  setNews(kind: string, news: News | undefined): Promise<void>;
  alerts(): Promise<SentAlerts | undefined>;
  setAlerts(alerts: SentAlerts): Promise<void>;
}

export const reportStore = defineRoomStore<ReportStore>({
  // The sequence store declares the collection.
  tables: [],
  open({ rows }) {
    const counts = (): Collection<CountsRow> => rows<CountsRow>(smallRecords);
    const news = (): Collection<NewsRow> => rows<NewsRow>(smallRecords);
    const alerts = (): Collection<AlertsRow> => rows<AlertsRow>(smallRecords);
    return {
      async counts(key, timezone) {
        return (await counts().findOne({ _id: recordKey('report', key, timezone) }))?.counts;
      },
      async keepCounts(key, timezone, value) {
        const _id = recordKey('report', key, timezone);
        await counts().updateOne({ _id }, { $set: { counts: value } }, { upsert: true });
      },
      async news(kind) {
        return (await news().findOne({ _id: recordKey('news', kind) })) ?? undefined;
      },
      async setNews(kind, state) {
        const _id = recordKey('news', kind);
        if (state === undefined) await news().deleteOne({ _id });
        else await news().updateOne({ _id }, { $set: { ...state } }, { upsert: true });
      },
      async alerts() {
        return (await alerts().findOne({ _id: recordKey('news', 'told alerts') }))?.alerts;
      },
      async setAlerts(alerted) {
        const _id = recordKey('news', 'told alerts');
        await alerts().updateOne({ _id }, { $set: { alerts: alerted } }, { upsert: true });
      },
    };
  },
});
