import type { Locale } from '../../contracts/message.js';

/** Up to so many significant digits for numbers below one. */
const SMALL_DIGITS = 3;
/** Whole numbers that are likelier years than amounts. */
const YEARS = { from: 1900, to: 2100 } as const;
/** From here on an amount does not fit beside an axis. */
const LONG_NUMBER = 10_000;

/** A number as people write it, with no more decimals than its size deserves; a year stays `2024`. */
export function numberText(value: number, locale: Locale): string {
  const size = Math.abs(value);
  const digits =
    size < 1
      ? { maximumSignificantDigits: SMALL_DIGITS }
      : { maximumFractionDigits: size < 1000 && !Number.isInteger(value) ? 2 : 0 };
  const isYear = Number.isInteger(value) && value >= YEARS.from && value <= YEARS.to;
  return value.toLocaleString(locale, { useGrouping: !isYear, ...digits });
}

/** `1.2M`, in Indonesian `1,2 jt`: the digits of an amount in rupiah do not fit beside an axis. */
export function shortNumber(value: number, locale: Locale): string {
  return Math.abs(value) < LONG_NUMBER
    ? value.toLocaleString(locale, { useGrouping: false, maximumSignificantDigits: 4 })
    : value.toLocaleString(locale, { notation: 'compact', maximumSignificantDigits: 3 });
}
