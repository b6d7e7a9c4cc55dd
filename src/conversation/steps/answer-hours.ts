import type { TurnAnswer } from '../../contracts/turn.js';
import { openingHours } from '../../lib/opening-hours.js';
import { plainAnswer } from '../answers.js';
import type { TurnState } from '../turn-state.js';

/** Words that ask for opening hours, in the languages of the product. */
const HOURS = wordSet(`open opens opened opening close closes closed closing hours
  buka bukanya tutup tutupnya operasional`);

/** What such a question may hold besides: with any other word it asks about something else, too. */
const COMPANIONS = wordSet(`what wat time times when is are r do does till until from to at on how late early
  you u guys your the a it still now right today tonight tomorrow day days weekend weekends business working
  shop store cafe place am pm hi hello hey please
  monday tuesday wednesday thursday friday saturday sunday
  jam pukul berapa brp kapan kpn apa apakah hari ini itu sekarang skrg besok nanti malam pagi siang sore
  masih msh sudah udah udh lagi sedang toko tokonya kedai kafe ga gak nggak enggak tidak kah dari sampai sampe
  kalau kalo di pada kak kakak min admin gan sis bang mas mbak bu pak ya yah dong nih sih halo hai
  senin selasa rabu kamis jumat sabtu minggu`);

/**
 * When the business is open, out of its settings: known to the minute, whichever model there is or
 * is not. Only for questions about nothing else, and after the FAQ, where it may say it in its words.
 */
export function answerHours(state: TurnState): TurnAnswer | undefined {
  if (!asksForHours(state.question)) return undefined;
  const { t, locale, now, scope } = state;
  const sentence = openingHours.sentence(scope.settings, now, locale, t);
  if (sentence === undefined) return undefined;
  const hours = openingHours.describe(scope.settings.business_hours, locale);
  return plainAnswer(state, 'tool', `${sentence} ${t('hours.week', { hours })}`);
}

function asksForHours(question: string): boolean {
  const words = question.toLowerCase().match(/\p{L}+/gu) ?? [];
  return (
    words.some((word) => HOURS.has(word)) && words.every((word) => HOURS.has(word) || COMPANIONS.has(word))
  );
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/));
}
