import { localeHint } from '../config/index.js';

/** The language for help texts, which is needed before the arguments are parsed. */
export function languageOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '--locale' || word.startsWith('--locale='));
  const word = words[at];
  return at === -1 || word === undefined
    ? localeHint()
    : word.includes('=')
      ? word.slice(word.indexOf('=') + 1)
      : words[at + 1];
}
