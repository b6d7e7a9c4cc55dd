const MOST = 500;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The formatter of a language and its options. Making one takes longer than most of what a message
 * needs besides, so each is made once.
 */
export function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const cached = formats.get(key);
  if (cached !== undefined) return cached;
  const format = new Intl.DateTimeFormat(locale, options);
  if (formats.size >= MOST) formats.clear();
  formats.set(key, format);
  return format;
}
