import { LOCALES } from '../../contracts/message.js';
import type { Locale } from '../../contracts/message.js';

const SAMPLE_CHARS = 4000;
/** Below this the best language is a guess from a word or two. */
const MINIMUM_ACCURACY = 0.05;
/** The best must beat the next by this factor. */
const CLEAR_LEAD = 2;

/** Language of a document, or `undefined` when it is none of ours, mixed, or too short to tell. */
export async function detectLocale(text: string): Promise<Locale | undefined> {
  // Loaded on first use: its tables take tens of megabytes.
  const { detectAll } = await import('tinyld');
  // All languages take part: among ours alone, French would come out as English.
  const [best, next] = detectAll(text.slice(0, SAMPLE_CHARS));
  if (!best || best.accuracy < MINIMUM_ACCURACY) return undefined;
  if (next && best.accuracy < next.accuracy * CLEAR_LEAD) return undefined;
  return LOCALES.find((locale) => locale === best.lang);
}
