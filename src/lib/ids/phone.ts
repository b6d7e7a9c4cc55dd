import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

/** Whether a code is an ISO 3166 country for which phone numbers can be parsed. */
function isPhoneCountry(code: string): code is CountryCode {
  return /^[A-Z]{2}$/.test(code);
}

/**
 * A phone number as E.164 (`+6281234567890`), however it was written; national numbers are read as numbers of
 * `country`. `undefined` if it is invalid.
 */
export function phoneNumber(text: string, country: string): string | undefined {
  const input = text.trim().replace(/^00(?=[1-9])/, '+');
  const parsed = parsePhoneNumberFromString(input, isPhoneCountry(country) ? country : undefined);
  return parsed?.isPossible() === true ? parsed.number : undefined;
}

/** The canonical spelling of an e-mail address; `undefined` if it is invalid. */
export function emailAddress(text: string): string | undefined {
  const address = text.trim().toLowerCase();
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) && address.length <= 254 ? address : undefined;
}
