/** First word and what follows it, both trimmed. */
export function splitWord(text: string): { readonly word: string; readonly rest: string } {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(text) ?? [];
  return { word, rest };
}

/** Both sides of the first `|`; `undefined` unless both hold text. */
export function splitPair(text: string): { readonly left: string; readonly right: string } | undefined {
  const at = text.indexOf('|');
  const left = text.slice(0, Math.max(at, 0)).trim();
  const right = text.slice(at + 1).trim();
  return at >= 0 && left !== '' && right !== '' ? { left, right } : undefined;
}

/** At most `limit` characters on one line, cut at a word where there is one. */
export function excerpt(text: string, limit: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= limit) return line;
  const cut = line.slice(0, limit);
  const lastSpace = cut.lastIndexOf(' ');
  return `${lastSpace > limit / 2 ? cut.slice(0, lastSpace) : cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}
