import type { FaqEntry } from '../../contracts/knowledge.js';
import type { StoredChunk } from '../../contracts/stores.js';
import type { IndexedDocument } from '../../contracts/stores.js';
import type { Text } from './features.js';
import { readRow, type Row } from './rows.js';
import { toUnits, type Unit } from './units.js';

/** Pieces of a document that stand under the same headings. */
export interface Section {
  readonly document: IndexedDocument;
  readonly headings: readonly string[];
  readonly passages: readonly Passage[];
}

/** The smallest thing that may be quoted, with where it stands. */
export interface Passage {
  readonly unit: Unit;
  readonly chunkId: string;
  /** Position in its chunk. */
  readonly position: number;
  /** Filled in once the section is complete. */
  readonly row: Row | undefined;
}

/** One thing that may answer. An entry with several phrasings is several of them. */
export type Item =
  | { readonly type: 'entry'; readonly entry: FaqEntry; readonly text: Text }
  | { readonly type: 'passage'; readonly section: Section; readonly passage: Passage; readonly text: Text };

export type ChunkOfDocument = StoredChunk & { readonly document: IndexedDocument };

/** Tables: each row is a unit of its own section. */
const TABLE_KINDS: readonly string[] = ['csv', 'tsv'];

function itemsOfEntry(entry: FaqEntry): Item[] {
  return [entry.question, ...(entry.phrasings ?? [])].map((head) => ({
    type: 'entry',
    entry,
    text: { kind: 'entry', head, body: entry.answer, context: '' },
  }));
}

/** All items in their order: entries as they are given, then what the sections say. */
export function itemsOf(entries: readonly FaqEntry[], sections: SectionReader): readonly Item[] {
  return [...entries.flatMap(itemsOfEntry), ...sections.items()];
}

/** Collects chunks, which come in the order of their documents, into sections. */
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

function tableUnit(text: string): Unit {
  return { kind: 'entry', text, context: '', heading: '' };
}

/** What stands around a passage, characters: what it is about without saying it. */
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
