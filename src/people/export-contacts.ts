import type { Contact, PageRequest, TenantScope } from '../contracts/stores.js';
import { cellOf, OWN_COLUMNS } from './contact-cells.js';

const PAGE = 200;

/** All contacts as CSV, in pieces: never more than a page of them is held. */
export async function* exportContacts(scope: TenantScope): AsyncGenerator<string> {
  const names = new Set<string>();
  for await (const page of pages(scope)) {
    for (const { fields } of page) for (const name of Object.keys(fields)) names.add(name);
  }
  const fieldNames = [...names].sort();
  yield lineOf([...OWN_COLUMNS, ...fieldNames]);
  for await (const page of pages(scope)) {
    yield page.map((contact) => lineOf(rowOf(contact, fieldNames))).join('');
  }
}

async function* pages(scope: TenantScope): AsyncGenerator<readonly Contact[]> {
  let cursor: string | undefined;
  do {
    const request: PageRequest = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const { items, nextCursor } = await scope.contacts.list({}, request);
    yield items;
    cursor = nextCursor;
  } while (cursor !== undefined);
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
