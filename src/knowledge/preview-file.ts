import type { FilePreview } from '../contracts/knowledge.js';
import { cleanTitle, titleFromFileName } from './ingest-title.js';
import type { FileParser } from './parse/file-parser.js';

/** Enough to recognise the file and to see that its text was read correctly. */
const BEGINNING_CHARACTERS = 400;

/** What would be learnt from a file; nothing is stored. */
export async function previewFile(
  { bytes, fileName }: { readonly bytes: Uint8Array; readonly fileName: string },
  parser: FileParser,
  signal: AbortSignal,
): Promise<FilePreview> {
  const { kind, title, locale, sections } = await parser.parseFile(bytes, fileName, signal);
  const text = sections.map((section) => section.text).join('\n');
  return {
    kind,
    title: title === undefined ? titleFromFileName(fileName) : cleanTitle(title),
    ...(locale === undefined ? {} : { locale }),
    characters: text.length,
    beginning: text.slice(0, BEGINNING_CHARACTERS),
  };
}
