import { LOCALES } from '../../contracts/message.js';
import type { Locale } from '../../contracts/message.js';

const SAMPLE_CHARS = 4000;
/** Below this, the best language is a guess based on a word or two. */
const MINIMUM_ACCURACY = 0.05;
/** The best language must beat the next one by this factor. */
const CLEAR_LEAD = 2;

/** The language of a document, or `undefined` if it is not one of ours, mixed, or too short to tell. */
export async function detectLocale(text: string): Promise<Locale | undefined> {
  // Loaded on first use because its tables take tens of megabytes.
  const { detectAll } = await import('tinyld');
  // All languages are considered: among ours alone, French would be detected as English.
  const [best, next] = detectAll(text.slice(0, SAMPLE_CHARS));
  if (!best || best.accuracy < MINIMUM_ACCURACY) return undefined;
  if (next && best.accuracy < next.accuracy * CLEAR_LEAD) return undefined;
  return LOCALES.find((locale) => locale === best.lang);
}
