const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

/**
 * A text in at most `limit` UTF-16 code units: where it is longer, its beginning, with `ending` to
 * show that there is more. Never ends with half a character, which platforms refuse.
 */
export function shorten(text: string, limit: number, ending = '…'): string {
  if (text.length <= limit) return text;
  return (
    text
      .slice(0, limit - ending.length)
      .replace(HALF_CHARACTER, '')
      .trimEnd() + ending
  );
}
