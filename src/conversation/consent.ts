import { wordsOf } from './words-of.js';

/** Forms of address and words that only add tone: a closed class. */
const FILLERS = /(?:^| )(?:ya|yah|kak|kakak|min|dong|deh|aja|saja|please|pls|itu|eh|oh)(?= |$)/g;
const YES =
  /^(?:ya|iya|yes|yep|yup|yeah|betul|benar|boleh|setuju|silakan|lanjut|lanjutkan|sure|ok|oke|okay|go ahead|do it|confirm|(?:ya|iya|yes|ok|oke) (?:benar|betul|boleh|lanjut|silakan|setuju|lakukan|please|do|go ahead|sure|confirm))$/;
const NO =
  /^(?:tidak|nggak|ngga|enggak|gak|ga|no|nope|jangan|batal|batalkan|batalin|cancel|stop|don t|do not|(?:tidak|nggak|ngga|gak|ga|g) (?:jadi|usah|boleh|perlu)|jangan (?:dulu|jadi)|no thanks|no thank you|never mind|nevermind)$/;

/** Whether a whole message says yes or no to what was just asked; anything else decides nothing. */
export function consentIn(message: string): 'yes' | 'no' | undefined {
  const phrase = wordsOf(message).join(' ');
  if (YES.test(phrase)) return 'yes';
  const plain = withoutFillers(phrase);
  if (YES.test(plain)) return 'yes';
  return NO.test(phrase) || NO.test(plain) ? 'no' : undefined;
}

export function withoutFillers(phrase: string): string {
  return phrase.replace(FILLERS, '').replace(/\s+/g, ' ').trim();
}
