import type { Locale } from '../../contracts/message.js';

/** Up to so many significant digits for numbers below one. */
const SMALL_DIGITS = 3;
/** From here on an amount does not fit beside an axis. */
const LONG_NUMBER = 10_000;

/** A number as people write it, with no more decimals than its size deserves; years stay `2024`. */
export function numberText(value: number, locale: Locale): string {
  const size = Math.abs(value);
  const digits =
    size < 1
      ? { maximumSignificantDigits: SMALL_DIGITS }
      : { maximumFractionDigits: size < 1000 && !Number.isInteger(value) ? 2 : 0 };
  return value.toLocaleString(locale, { useGrouping: 'min2', ...digits });
}

/** `1.2M`, in Indonesian `1,2 jt`: the digits of an amount in rupiah do not fit beside an axis. */
export function shortNumber(value: number, locale: Locale): string {
  return Math.abs(value) < LONG_NUMBER
    ? value.toLocaleString(locale, { useGrouping: false, maximumSignificantDigits: 4 })
    : value.toLocaleString(locale, { notation: 'compact', maximumSignificantDigits: 3 });
}
