import type { Events } from '../contracts/events.js';
import { StoreError, type Contact, type ContactChange, type TenantScope } from '../contracts/stores.js';
import { contactJson } from './contact-json.js';
import { contactRows, type ContactRow } from './contact-rows.js';
import { saveContact, withoutNulls } from './save-contact.js';

/** Rows looked up and written together. */
const BATCH = 250;
/** How many rejected rows are listed individually. */
const MOST_TOLD = 1_000;

export interface ImportReport {
  readonly created: number;
  readonly updated: number;
  readonly rejected: readonly { readonly row: number; readonly reason: string }[];
}

export interface ImportOptions {
  readonly events: Events;
  /** The time of the whole import. */
  readonly at: Date;
  readonly signal?: AbortSignal;
  /** Resumes after this row, with the report up to there. */
  readonly from?: { readonly row: number; readonly report: ImportReport };
  /** Called after each batch that is stored durably. */
  readonly stored?: (row: number, part: number, report: ImportReport) => Promise<void>;
}

interface Row {
  readonly row: number;
  readonly change: ContactChange;
}

/**
 * Saves each row; a row with a problem is reported and does not hold up the others. Memory does not grow with
 * the number of rows. Saving a row again changes nothing.
 */
export async function importContacts(
  scope: TenantScope,
  text: string,
  options: ImportOptions,
): Promise<ImportReport> {
  const { from, signal, stored } = options;
  const report = {
    created: from?.report.created ?? 0,
    updated: from?.report.updated ?? 0,
    rejected: [...(from?.report.rejected ?? [])],
  };
  const reject = (row: number, reason: string): void => {
    if (report.rejected.length < MOST_TOLD) report.rejected.push({ row, reason });
  };
  let batch: Row[] = [];
  const flush = async (last: ContactRow): Promise<void> => {
    const outcomes = await saveBatch(scope, batch, options);
    for (const { row, isNew, problem } of outcomes.toSorted((a, b) => a.row - b.row)) {
      if (problem !== undefined) reject(row, problem);
      else report[isNew ? 'created' : 'updated'] += 1;
    }
    batch = [];
    await stored?.(last.row, last.part, report);
  };
  let last: ContactRow | undefined;
  for await (const read of contactRows(scope, text)) {
    signal?.throwIfAborted();
    if (from !== undefined && read.row <= from.row) continue;
    last = read;
    if ('problem' in read.read) reject(read.row, read.read.problem);
    else batch.push({ row: read.row, change: read.read.change });
    if (batch.length >= BATCH) await flush(read);
  }
  if (last !== undefined) await flush(last);
  return report;
}

interface Outcome {
  readonly row: number;
  readonly isNew: boolean;
  readonly problem?: string;
}

/** Creates new people together; anyone already known, or listed twice, is saved in the order of the rows. */
async function saveBatch(
  scope: TenantScope,
  rows: readonly Row[],
  options: ImportOptions,
): Promise<readonly Outcome[]> {
  const reach = ({ change: { phone, email } }: Row): string[] =>
    [phone, email].filter((value) => typeof value === 'string');
  const existing = new Set(
    (await scope.contacts.withReach(rows.flatMap(reach))).flatMap(({ phone, email }) => [phone, email]),
  );
  const seen = new Set<string>();
  const fresh: Row[] = [];
  const others: Row[] = [];
  for (const row of rows) {
    const values = reach(row);
    const isFresh = values.length > 0 && values.every((value) => !existing.has(value) && !seen.has(value));
    (isFresh ? fresh : others).push(row);
    for (const value of values) seen.add(value);
  }
  const contacts = await scope.contacts.createMany(
    fresh.map(({ change }) => change),
    options.at,
  );
  const outcomes: Outcome[] = [];
  for (const [index, row] of fresh.entries()) {
    const contact = contacts[index];
    if (contact === undefined) others.push(row);
    else outcomes.push(await announceContact(scope, row.row, { contact, isNew: true }, options));
  }
  for (const row of others.sort((a, b) => a.row - b.row)) outcomes.push(await saveOne(scope, row, options));
  return outcomes;
}

async function announceContact(
  scope: TenantScope,
  row: number,
  { contact, isNew }: { readonly contact: Contact; readonly isNew: boolean },
  { events }: ImportOptions,
): Promise<Outcome> {
  await events.emit(scope, isNew ? 'contact.created' : 'contact.updated', contactJson(contact));
  return { row, isNew };
}

async function saveOne(scope: TenantScope, { row, change }: Row, options: ImportOptions): Promise<Outcome> {
  try {
    const match = await existingMatch(scope, change);
    if (match?.changes === false) return { row, isNew: false };
    const saved =
      match === undefined
        ? await saveContact(scope, change, options.at)
        : { contact: (await scope.contacts.update(match.contact.id, change)) ?? match.contact, isNew: false };
    return await announceContact(scope, row, saved, options);
  } catch (error) {
    if (error instanceof StoreError && error.kind !== 'conflict') throw error;
    return { row, isNew: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Finds the contact that a row describes and whether the row changes it, so that importing a file again
 * writes nothing.
 */
async function existingMatch(
  scope: TenantScope,
  change: ContactChange,
): Promise<{ readonly contact: Contact; readonly changes: boolean } | undefined> {
  const { name, phone, email } = change;
  if (phone === undefined && email === undefined) {
    // With only a name to go by, the same name means the same person, so that a second import creates no
    // duplicate.
    if (typeof name !== 'string') return undefined;
    const { items } = await scope.contacts.list({ query: name }, { limit: 50 });
    const contact = items.find((each) => each.name === name);
    return contact && { contact, changes: !holds(contact, change) };
  }
  const [contact, ...others] = await scope.contacts.find({ phone: phone ?? null, email: email ?? null });
  return contact !== undefined && others.length === 0 && holds(contact, change)
    ? { contact, changes: false }
    : undefined;
}

/** Whether a contact already has all of these values. */
function holds(contact: Contact, change: ContactChange): boolean {
  const { tags = [], fields = {}, ...facts } = withoutNulls(change);
  return (
    Object.entries(facts).every(([name, value]) => contact[name as keyof Contact] === value) &&
    tags.every((tag) => contact.tags.includes(tag)) &&
    Object.entries(fields).every(([name, value]) => contact.fields[name] === value)
  );
}
