import { defineRoomStore, defineRoomTable } from '../../contracts/stores.js';

/** Times are in the time zone of the business, in minutes from midnight. */
export interface Appointment {
  readonly id: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly from: number;
  readonly to: number;
  readonly contactId: string;
  readonly subject: string;
  readonly createdAt: Date;
}

interface DayRow {
  /** The date: all bookings of a day are one document, so that no two can take the same time. */
  readonly _id: string;
  readonly booked: readonly Omit<Appointment, 'date'>[];
}

const table = defineRoomTable<DayRow>('appointments', [{ keys: { 'booked.contactId': 1 } }]);

export interface AppointmentStore {
  /** `false`: the time overlaps another booking. Booking the same id again changes nothing. */
  book(appointment: Appointment): Promise<boolean>;
  /** Appointments between two days, both included, in order. */
  between(from: string, to: string): Promise<readonly Appointment[]>;
  /** Appointments of one person from that day on. */
  ofContacts(contactIds: readonly string[], from: string): Promise<readonly Appointment[]>;
  get(id: string, from: string): Promise<Appointment | undefined>;
  cancel(appointment: Appointment): Promise<boolean>;
}

export const appointmentStore = defineRoomStore<AppointmentStore>({
  tables: [table],
  async erase({ rows }, { contactIds }) {
    const byContacts = { contactId: { $in: [...contactIds] } };
    await rows(table).updateMany(
      { 'booked.contactId': byContacts.contactId },
      { $pull: { booked: byContacts } },
    );
  },
  open({ rows }) {
    const read = async (filter: Parameters<ReturnType<typeof rows<DayRow>>['find']>[0]) => {
      const days = await rows(table).find(filter).sort({ _id: 1 }).toArray();
      return days.flatMap(({ _id: date, booked }) =>
        booked.toSorted((a, b) => a.from - b.from).map((each): Appointment => ({ ...each, date })),
      );
    };
    const ofDays = (from: string, to = '9999') => ({ _id: { $gte: from, $lte: to } });
    return {
      async book({ date, ...appointment }) {
        const { id, from, to } = appointment;
        await rows(table).updateOne({ _id: date }, { $setOnInsert: { booked: [] } }, { upsert: true });
        const overlaps = { from: { $lt: to }, to: { $gt: from } };
        const updated = await rows(table).findOneAndUpdate(
          { _id: date, booked: { $not: { $elemMatch: overlaps } } },
          { $push: { booked: appointment } },
        );
        if (updated !== null) return true;
        return (await read({ _id: date, 'booked.id': id })).some((each) => each.id === id);
      },
      between: (from, to) => read(ofDays(from, to)),
      async ofContacts(contactIds, from) {
        const appointments = await read({ ...ofDays(from), 'booked.contactId': { $in: [...contactIds] } });
        return appointments.filter(({ contactId }) => contactIds.includes(contactId));
      },
      async get(id, from) {
        return (await read({ ...ofDays(from), 'booked.id': id })).find((each) => each.id === id);
      },
      async cancel({ date, id }) {
        const { modifiedCount } = await rows(table).updateOne({ _id: date }, { $pull: { booked: { id } } });
        return modifiedCount > 0;
      },
    };
  },
});
