const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
/** Particles and forms of address that Indonesian questions end with; they carry nothing. */
const PARTICLES = new Set('ya yah kak kakak min gan sis bu pak mas mbak dong sih deh nih tuh kah'.split(' '));
/** Begins a question that goes on from the one before. */
const OPENER =
  /^(?:and|or|what about|how about|what if|also|then|dan|atau|terus|trus|lalu|kalau|kalo|klo|kl|klau|yang|yg|(?:gimana|bagaimana|gmn) (?:kalau|kalo|klo|dengan|dgn))\b/iu;
/** Stands for something that was named before. */
const REFERENT = /\b(?:it|one|ones|that|those|these|them|itu|tersebut)\b/iu;
/** "harganya", "stoknya": of the thing before. */
const POSSESSED = /\p{L}{3}nya\b/iu;

/** Longer questions say what they are about, words. */
const LIMITS = { opened: 6, referring: 7, possessed: 3, bare: 2 } as const;

/** Follow-ups in a row that are still about the question before them. */
const LONGEST_CHAIN = 3;

/** Whether a question says by its first word that it goes on: "and the black one?". */
export function opensAsFollowUp(question: string): boolean {
  const words = tellingWords(question);
  return words.length <= LIMITS.opened && OPENER.test(words.join(' '));
}

/** Whether a question may only be understood with the one before: as above, or "is it in stock?". */
export function isFollowUp(question: string): boolean {
  const words = tellingWords(question);
  if (words.length === 0) return false;
  const text = words.join(' ');
  return (
    words.length <= LIMITS.bare ||
    (words.length <= LIMITS.opened && OPENER.test(text)) ||
    (words.length <= LIMITS.referring && REFERENT.test(text)) ||
    (words.length <= LIMITS.possessed && POSSESSED.test(text))
  );
}

/**
 * The questions a follow-up goes on from, oldest first: of `earlier` (oldest first, of the same
 * conversation) the last that can be understood alone, and the follow-ups since. Empty where
 * `question` is no follow-up or nothing was asked before.
 */
export function questionsBefore(question: string, earlier: readonly string[]): readonly string[] {
  if (!isFollowUp(question)) return [];
  const questions = earlier.filter((each) => tellingWords(each).length > 0);
  const base = questions.findLastIndex((each) => !isFollowUp(each));
  return base === -1 || questions.length - base > LONGEST_CHAIN ? [] : questions.slice(base);
}

function tellingWords(question: string): readonly string[] {
  return (question.match(WORD) ?? []).filter((word) => !PARTICLES.has(word.toLowerCase()));
}
