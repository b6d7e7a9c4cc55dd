import { KnowledgeError } from '../../contracts/knowledge.js';
import type { DocumentKind } from '../../contracts/knowledge.js';
import { byteOrderMark, decodeText, silentUtf16 } from '../../lib/text/decode-text.js';
import { officeKind, zipDirectory } from './zip-directory.js';
import { ownValue } from '../../lib/own-value.js';

/** How much of a file is examined to decide its kind. */
const SAMPLE_BYTES = 64 * 1024;
/** Text has almost no control characters; a stray one is tolerated. */
const MAXIMUM_CONTROL_RATIO = 0.02;
const TEXT_KINDS: Readonly<Record<string, DocumentKind>> = {
  md: 'markdown',
  markdown: 'markdown',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  json: 'json',
  html: 'html',
  htm: 'html',
};
/** HTML declares itself, possibly after comments or an XML declaration. */
const PAGE = /^(<\?xml[^>]{0,200}\?>\s*)?(<!--[\s\S]{0,600}?-->\s*)*<(!doctype\s+html|html|head|body)\b/i;
/** Markup that reads as noise without a parser of its own. */
const MARKUP: readonly (readonly [RegExp, string])[] = [
  [/^<(\?xml|!doctype|svg)\b/i, 'XML'],
  [/^\{\\rtf/, 'RTF'],
  [/^%!PS/, 'PostScript'],
  [/^X5O!P%@AP/, 'a virus scanner test file'],
];

/**
 * Decides by content. The name only tells apart kinds of text that look alike.
 * @throws KnowledgeError `no-text` for an empty file, `unsupported-type` for everything unknown
 */
export async function sniffKind(bytes: Uint8Array, fileName: string): Promise<DocumentKind> {
  if (bytes.length === 0) throw new KnowledgeError('no-text', 'The file is empty.');
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  if (startsAsPdf(sample)) return 'pdf';
  if (startsAsZip(sample)) {
    const office = officeKind(zipDirectory(bytes));
    if (office !== undefined) return office;
  }
  if (!isText(sample)) throw unsupported(await binaryName(sample));
  const start = decodeText(sample.subarray(0, 1024))
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (PAGE.test(start)) return 'html';
  for (const [pattern, name] of MARKUP) if (pattern.test(start)) throw unsupported(name);
  return ownValue(TEXT_KINDS, extension(fileName)) ?? 'text';
}

/**
 * `%PDF-` at the start, after at most a byte order mark and white space. Readers also accept it further down,
 * which allows a file that is a page to one program and a PDF to another; such a file is taken for what it
 * starts as.
 */
function startsAsPdf(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return /^(\u00EF\u00BB\u00BF)?\s*%PDF-/.test(start);
}

function startsAsZip([a, b, c, d]: Uint8Array): boolean {
  return a === 0x50 && b === 0x4b && c === 3 && d === 4;
}

function isText(bytes: Uint8Array): boolean {
  if (byteOrderMark(bytes) ?? silentUtf16(bytes)) return true;
  let controls = 0;
  for (const byte of bytes) {
    if (byte < 9 || byte === 11 || (byte > 13 && byte < 32) || byte === 127) controls += 1;
  }
  return controls <= bytes.length * MAXIMUM_CONTROL_RATIO;
}

/** Used only in the message, so a wrong guess does no harm. */
async function binaryName(sample: Uint8Array): Promise<string> {
  const { fileTypeFromBuffer } = await import('file-type');
  try {
    const detected = await fileTypeFromBuffer(sample);
    return detected ? `${detected.ext} (${detected.mime})` : 'binary data';
  } catch {
    // A damaged container: the library reads past the sample.
    return 'binary data';
  }
}

function extension(fileName: string): string {
  return fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase();
}

function unsupported(what: string): KnowledgeError {
  return new KnowledgeError(
    'unsupported-type',
    `The content is ${what}; text, Markdown, HTML, CSV, TSV, JSON, PDF, Word (docx) and Excel (xlsx) can be read.`,
  );
}
