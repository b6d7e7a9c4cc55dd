import type { StatedFact } from '../../contracts/contact-suggestions.js';
import { emailAddress, phoneNumber } from '../../lib/ids/phone.js';

/** Longer messages are not taken to be about the writer, in characters. */
const LONGEST = 300;
const ANY = /[@\d]|\b(?:name|nama)/i;
const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u;
const PHONE = /(?<![\p{L}\p{N}])(?:\+|0)\d[\d\s().-]{6,16}\d(?![\p{L}\p{N}])/u;
/** Whose fact it is: what is said about others does not belong to the writer. */
const ABOUT_WRITER =
  /(?<![\p{L}])(?:my|mine|me|i'?m|saya|aku|gue|gw|ane|(?:nomor|nama|email|wa|hp)ku)(?![\p{L}])/iu;
const ABOUT_OTHERS =
  /(?<![\p{L}])(?:his|her|their|your|wife'?s?|husband'?s?|friend'?s?|dia|beliau|istri|suami|teman|kakak|adik|ibu|bapak|mas|mbak|toko|kalian|anda|kamu|admin)(?![\p{L}])/iu;
const IS_NUMBER =
  /(?<![\p{L}])(?:phone|number|mobile|cell|call|reach|whats ?app|wa|hp|no|nomor|nomer|nomorku|telp|telepon|hubungi|kontak)(?![\p{L}])/iu;
const NAME =
  /(?<![\p{L}])(?:my name is|my name's|nama saya|nama aku|namaku|nama gue|saya bernama)\s+(?:adalah\s+)?([\p{L}][\p{L}'’.-]*(?:\s+[\p{L}][\p{L}'’.-]*){0,3})/iu;
/** Words that end a name. */
const AFTER_NAME =
  /\s+(?:dari|from|and|dan|mau|ingin|want|would|i|saya|di|at|with|dengan|yang|nomor|email|no|hp|my|the|tolong|please|kak|min)\b.*$/iu;

/** What a person says about themselves, recognised only if said in plain words. */
export function statedFacts(text: string, country: string): Readonly<Partial<Record<StatedFact, string>>> {
  if (text.length > LONGEST || !ANY.test(text)) return {};
  const message = text.normalize('NFKC');
  const isOwn = ABOUT_WRITER.test(message) && !ABOUT_OTHERS.test(message);
  const facts: Partial<Record<StatedFact, string>> = {};
  const email = EMAIL.exec(message)?.[0].replace(/[.-]+$/, '');
  if (email !== undefined && (isOwn || isAll(message, email))) {
    const address = emailAddress(email);
    if (address !== undefined) facts.email = address;
  }
  const candidate = PHONE.exec(message)?.[0];
  if (candidate !== undefined && ((isOwn && IS_NUMBER.test(message)) || isAll(message, candidate))) {
    const phone = phoneNumber(candidate, country);
    if (phone !== undefined) facts.phone = phone;
  }
  const name = NAME.exec(message)?.[1]?.replace(AFTER_NAME, '').trim();
  if (name !== undefined && name.length >= 2 && name.length <= 80) facts.name = name;
  return facts;
}

/** Whether the text is only the number or address, perhaps with its label: a reply to being asked for it. */
function isAll(text: string, fact: string): boolean {
  return /^[\s,.:;!-]*(?:(?:e-?mail|phone|number|hp|wa|no|nomor|telp)(?:nya)?[\s:.]*)?[\s,.:;!-]*$/iu.test(
    text.replace(fact, ''),
  );
}
