import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

/** ISO 3166 country of a business, as far as telephone numbers are concerned. */
export function isPhoneCountry(code: string): code is CountryCode {
  return /^[A-Z]{2}$/.test(code);
}

/**
 * A telephone number as E.164 (`+6281234567890`), however it was written; a national one is read
 * as of `country`. `undefined` when it is none.
 */
export function phoneNumber(text: string, country: string): string | undefined {
  const input = text.trim().replace(/^00(?=[1-9])/, '+');
  const parsed = parsePhoneNumberFromString(input, isPhoneCountry(country) ? country : undefined);
  return parsed?.isPossible() === true ? parsed.number : undefined;
}

/** One spelling of an e-mail address; `undefined` when it is none. */
export function emailAddress(text: string): string | undefined {
  const address = text.trim().toLowerCase();
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) && address.length <= 254 ? address : undefined;
}
