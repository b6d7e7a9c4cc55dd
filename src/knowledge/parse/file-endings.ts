import type { DocumentKind } from '../../contracts/knowledge.js';

/** The file extension under which the parser reads each kind. */
export const FILE_ENDINGS: Readonly<Record<DocumentKind, string>> = {
  text: 'txt',
  markdown: 'md',
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  html: 'html',
  pdf: 'pdf',
  docx: 'docx',
  xlsx: 'xlsx',
};
