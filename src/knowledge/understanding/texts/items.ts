import type { FaqEntry } from '../../../contracts/knowledge.js';
import type { StoredChunk } from '../../../contracts/stores.js';
import type { IndexedDocument } from '../../../contracts/stores.js';
import type { Text } from '../matching/features.js';
import { disambiguateNames, readRow, type Row } from './rows.js';
import { toUnits, type Unit } from './units.js';

/** The part of a document under one set of headings. */
export interface Section {
  readonly document: IndexedDocument;
  readonly headings: readonly string[];
  readonly passages: readonly Passage[];
}

/** The smallest piece that can be quoted, with its position. */
export interface Passage {
  readonly unit: Unit;
  readonly chunkId: string;
  /** Position in its chunk. */
  readonly position: number;
  /** Filled in once the section is complete. */
  readonly row: Row | undefined;
}

/** One candidate answer. An entry with several phrasings becomes several items. */
export type Item =
  | { readonly type: 'entry'; readonly entry: FaqEntry; readonly text: Text }
  | { readonly type: 'passage'; readonly section: Section; readonly passage: Passage; readonly text: Text };

export type RowItem = Extract<Item, { type: 'passage' }>;

export function isRow(item: Item | undefined): item is RowItem {
  return item?.type === 'passage' && item.passage.row !== undefined;
}

export type ChunkOfDocument = StoredChunk & { readonly document: IndexedDocument };

/** File kinds whose lines are table rows. */
const TABLE_KINDS: readonly string[] = ['csv', 'tsv'];

function itemsOfEntry(entry: FaqEntry): Item[] {
  return [entry.question, ...(entry.phrasings ?? [])].map((head) => ({
    type: 'entry',
    entry,
    text: { kind: 'entry', head, body: entry.answer, context: '' },
  }));
}

/** All items in order: the entries as given, then the passages of the sections. */
export function itemsOf(entries: readonly FaqEntry[], sections: SectionReader): readonly Item[] {
  return [...entries.flatMap(itemsOfEntry), ...sections.items()];
}

/** Collects chunks into sections; chunks must arrive in the order of their documents. */
export class SectionReader {
  private readonly sections: {
    document: IndexedDocument;
    headings: readonly string[];
    passages: Passage[];
  }[] = [];

  add({ document, headings, text, id }: ChunkOfDocument): void {
    const last = this.sections.at(-1);
    const isTable = TABLE_KINDS.includes(document.kind);
    const goesOn = last?.document.id === document.id && last.headings.join('\n') === headings.join('\n');
    const section = goesOn ? last : { document, headings, passages: [] };
    if (!goesOn) this.sections.push(section);
    const units = isTable ? text.split('\n').map(tableUnit) : toUnits(text);
    units.forEach((unit, position) => {
      const row = unit.kind === 'entry' ? readRow(unit.text) : undefined;
      section.passages.push({ unit, chunkId: id, position, row });
    });
  }

  items(): Item[] {
    for (const section of this.sections) section.passages = withOwnNames(section.passages);
    return this.sections.flatMap((section) =>
      section.passages.map((passage): Item => ({
        type: 'passage',
        section,
        passage,
        text: textOf(section, passage),
      })),
    );
  }
}

/**
 * Adds a distinguishing cell to the names of rows that share a name: mathematics for juniors and for seniors.
 */
function withOwnNames(passages: readonly Passage[]): Passage[] {
  const rows = disambiguateNames(passages.flatMap(({ row }) => row ?? []));
  const rowsByName = new Map<string, Row[]>();
  for (const row of rows) rowsByName.set(row.name, [...(rowsByName.get(row.name) ?? []), row]);
  let next = 0;
  return passages.map((passage) => {
    const row = passage.row && rows[next++];
    const alike = row === undefined ? [] : (rowsByName.get(row.name) ?? []);
    if (row === undefined || alike.length < 2) return { ...passage, row };
    const ownCells = row.cells.filter(
      ({ column, value }) =>
        /\p{L}/u.test(value) &&
        value.length <= LONGEST_PART &&
        alike.some((other) => other.cells.find((cell) => cell.column === column)?.value !== value),
    );
    const name = [row.name, ...ownCells.slice(0, 1).map(({ value }) => value)].join(' ');
    return { ...passage, row: { ...row, name } };
  });
}

const LONGEST_PART = 30;

function tableUnit(text: string): Unit {
  return { kind: 'entry', text, context: '', heading: '' };
}

/** How much of the surrounding section is part of a passage's context, in characters. */
const SECTION_CHARACTERS = 700;

function textOf({ document, headings, passages }: Section, { unit, row }: Passage): Text {
  const title = document.title;
  if (row !== undefined) {
    return { kind: 'row', head: row.name, body: unit.text, context: [title, ...headings].join(' ') };
  }
  const under = unit.heading === '' ? (headings.at(-1) ?? '') : unit.heading;
  const around = passages.map((each) => each.unit.text).join(' ');
  return {
    kind: 'passage',
    head: '',
    body: under === '' || unit.text.includes(under) ? unit.text : `${under}. ${unit.text}`,
    context: [title, ...headings, around.slice(0, SECTION_CHARACTERS)].join(' '),
  };
}
