import type { Contact, Page, PageRequest, TenantScope } from '../contracts/stores.js';
import { cellOf, OWN_COLUMNS } from './contact-cells.js';

const PAGE = 200;

/** All contacts as CSV, in pieces: at most one page of contacts is held in memory. */
export async function* exportContacts(scope: TenantScope): AsyncGenerator<string> {
  const fieldNames = await fieldNamesOf(scope);
  yield headerOf(fieldNames);
  for await (const { items } of contactPages(scope)) yield linesOf(items, fieldNames);
}

/** The names of all fields that any contact has, sorted. */
export async function fieldNamesOf(scope: TenantScope, signal?: AbortSignal): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const { items } of contactPages(scope)) {
    signal?.throwIfAborted();
    for (const { fields } of items) for (const name of Object.keys(fields)) names.add(name);
  }
  return [...names].sort();
}

export async function* contactPages(scope: TenantScope, from?: string): AsyncGenerator<Page<Contact>> {
  let cursor = from;
  do {
    const request: PageRequest = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await scope.contacts.list({}, request);
    yield page;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

export function headerOf(fieldNames: readonly string[]): string {
  return lineOf([...OWN_COLUMNS, ...fieldNames]);
}

export function linesOf(contacts: readonly Contact[], fieldNames: readonly string[]): string {
  return contacts.map((contact) => lineOf(rowOf(contact, fieldNames))).join('');
}

function rowOf(contact: Contact, fieldNames: readonly string[]): readonly string[] {
  const { name = '', phone = '', email = '', tags, locale = '', fields } = contact;
  return [
    name,
    phone,
    email,
    tags.join(','),
    locale,
    ...fieldNames.map((field) => String(fields[field] ?? '')),
  ];
}

function lineOf(row: readonly string[]): string {
  return `${row.map(cellOf).join(',')}\r\n`;
}
