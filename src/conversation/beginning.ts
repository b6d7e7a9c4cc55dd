/** Shorter beginnings do not deserve a message of their own, in characters. */
const SHORTEST = 40;
const PARAGRAPH_END = /\n[ \t]*\n/g;

/**
 * The end of the first paragraphs that can stand alone, once more text follows them; `undefined` if there is
 * none yet.
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

/** Does not cut code blocks, and keeps a line that introduces a list together with the list. */
function isWhole(text: string): boolean {
  const fences = text.match(/^\s*(```|~~~)/gm) ?? [];
  return fences.length % 2 === 0 && !text.endsWith(':');
}
