import { escapeMarkdown } from './escape-markdown.js';

/** At most `limit` characters on one line, cut between words where possible. */
export function excerpt(text: string, limit: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= limit) return line;
  const cut = line.slice(0, limit);
  const lastSpace = cut.lastIndexOf(' ');
  return `${lastSpace > limit / 2 ? cut.slice(0, lastSpace) : cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The beginning of somebody else's text, as Markdown that displays it literally. */
export function quote(text: string, limit = 160): string {
  return escapeMarkdown(excerpt(text, limit));
}
