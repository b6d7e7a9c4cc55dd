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
  const exact = await records.get(idOrName);
  if (exact !== undefined) return exact;
  const all = await allItems((page) => records.list(page), SEARCHED);
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
  const all = await allItems((page) => records.list(page), SEARCHED);
  return all
    .filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase()))
    .map(({ _id, name }) => ({ value: shortId(_id), label: excerpt(name, LONGEST_LABEL) }));
}
