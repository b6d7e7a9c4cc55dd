import type { ParsedSection } from './parsed-document.js';

/** The text with uniform line endings and one empty line between paragraphs. */
export function parsePlainText(text: string): ParsedSection[] {
  return [{ headings: [], text: tidyText(text) }];
}

function tidyText(text: string): string {
  return text
    .replace(/\r\n?|\f|\u0085|\u2028/g, '\n')
    .replace(/\u2029/g, '\n\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
