import type { Suggestion } from '../../contracts/channel.js';
import { allItems, type Page, type PageRequest } from '../../contracts/stores.js';
import { excerpt } from '../../lib/text/excerpt.js';
import { shortId } from '../../lib/ids/short-id.js';

/** Records searched for a name or short id; a full id always works. */
const SEARCHED = 500;
const LONGEST_LABEL = 100;

/** Datasets, models and trainings, all of which have names. */
interface NamedRecord {
  readonly _id: string;
  readonly name: string;
}

interface Listed<R extends NamedRecord> {
  get(id: string): Promise<R | undefined>;
  list(page: PageRequest): Promise<Page<R>>;
}

/** Finds a record by id, short id or name; of several with the same name, the newest. */
export async function findRecord<R extends NamedRecord>(
  records: Listed<R>,
  idOrName: string,
): Promise<R | undefined> {
  return (await records.get(idOrName)) ?? called(await searched(records), idOrName);
}

/**
 * Finds a record to look at: also by the beginning of its name, if only records of one name begin like that.
 * What is changed or removed has to be named in full.
 */
export async function lookUpRecord<R extends NamedRecord>(
  records: Listed<R>,
  idOrName: string,
): Promise<R | undefined> {
  const exact = await records.get(idOrName);
  if (exact !== undefined) return exact;
  const all = await searched(records);
  const start = idOrName.toLowerCase();
  const alike = all.filter(({ name }) => name.toLowerCase().startsWith(start));
  const isOne = new Set(alike.map(({ name }) => name)).size === 1;
  return called(all, idOrName) ?? (isOne ? alike[0] : undefined);
}

function searched<R extends NamedRecord>(records: Listed<R>): Promise<readonly R[]> {
  return allItems((page) => records.list(page), SEARCHED);
}

function called<R extends NamedRecord>(all: readonly R[], idOrName: string): R | undefined {
  const name = idOrName.toLowerCase();
  return (
    all.find((row) => shortId(row._id) === idOrName) ?? all.find((row) => row.name.toLowerCase() === name)
  );
}

/** The newest records, and whether there are more. */
export async function newestRecords<R extends NamedRecord>(
  records: Pick<Listed<R>, 'list'>,
  most: number,
): Promise<{ readonly rows: readonly R[]; readonly isMore: boolean }> {
  const rows = await allItems((page) => records.list(page), most + 1);
  return { rows: rows.slice(0, most), isMore: rows.length > most };
}

export async function suggestRecords<R extends NamedRecord>(
  records: Listed<R>,
  typed: string,
): Promise<readonly Suggestion[]> {
  const all = await searched(records);
  return all
    .filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase()))
    .map(({ _id, name }) => ({ value: shortId(_id), label: excerpt(name, LONGEST_LABEL) }));
}
