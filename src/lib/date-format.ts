const MOST = 500;
const made = new Map<string, Intl.DateTimeFormat>();

/**
 * The formatter of a language and its options. Making one takes longer than most of what a message
 * needs besides, so each is made once.
 */
export function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const known = made.get(key);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat(locale, options);
  if (made.size >= MOST) made.clear();
  made.set(key, format);
  return format;
}
