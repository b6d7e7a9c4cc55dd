/** What is shorter is not worth a message of its own, in characters. */
const SHORTEST = 40;
const PARAGRAPH_END = /\n[ \t]*\n/g;

/**
 * Where the first paragraphs of a text end that can stand for themselves, when something follows
 * them already; `undefined` while there are none.
 */
export function endOfBeginning(text: string, limit: number): number | undefined {
  for (const { index } of text.matchAll(PARAGRAPH_END)) {
    if (index > limit) return undefined;
    const beginning = text.slice(0, index).trim();
    const hasMore = text.slice(index).trim() !== '';
    if (hasMore && beginning.length >= SHORTEST && isWhole(beginning)) return index;
  }
  return undefined;
}

/** A block of code is not cut, and a line that leads to a list goes with the list. */
function isWhole(text: string): boolean {
  const fences = text.match(/^\s*(```|~~~)/gm) ?? [];
  return fences.length % 2 === 0 && !text.endsWith(':');
}
