const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
/** Particles and forms of address at the end of Indonesian questions; they add no content. */
const PARTICLES = new Set('ya yah kak kakak min gan sis bu pak mas mbak dong sih deh nih tuh kah'.split(' '));
/** Words that begin a follow-up question. */
const CONJUNCTIONS =
  'and|or|what about|how about|what if|also|then|dan|atau|terus|trus|lalu|kalau|kalo|klo|kl|klau|yang|yg';
const INSTEAD = '(?:gimana|bagaimana|gmn) (?:kalau|kalo|klo|dengan|dgn)';
/** They begin a follow-up unless a question word comes next: "di mana?", "in which city?". */
const PREPOSITIONS =
  'for|with|in|on|at|to|from|by|until|till|buat|untuk|utk|ke|di|dari|pakai|pake|dengan|dgn|sama|sampai|sampe';
const NO_QUESTION_WORD = '(?! (?:what|which|where|whom|how|mana|apa|siapa)\\b)';
const OPENER = new RegExp(`^(?:${CONJUNCTIONS}|${INSTEAD}|(?:${PREPOSITIONS})${NO_QUESTION_WORD})\\b`, 'iu');
/** Words that refer to something mentioned before. */
const REFERENT = /\b(?:it|one|ones|that|those|these|them|itu|tersebut)\b/iu;
/** "Computers too?", "hari minggu juga?": one more of what was asked. */
const ONE_MORE = /\b(?:too|also|either|as well|juga|jg)$/iu;
/** "harganya", "stoknya": of the thing mentioned before. */
const POSSESSED = /\p{L}{3}nya\b/iu;

/** Longer questions name their own subject; in words. */
const LIMITS = { opened: 6, referring: 7, possessed: 3, oneMore: 5, bare: 2 } as const;

/** Maximum number of consecutive follow-ups to one question. */
const LONGEST_CHAIN = 3;

/** Whether a question may need the previous one to be understood: "and the black one?", "is it in stock?". */
export function isFollowUp(question: string): boolean {
  const { length } = tellingWords(question);
  return length > 0 && (length <= LIMITS.bare || leansBack(question));
}

/** Whether a question says so itself, by how it begins or by a word for something mentioned before. */
export function leansBack(question: string): boolean {
  const words = tellingWords(question);
  const text = words.join(' ');
  return (
    (words.length <= LIMITS.opened && OPENER.test(text)) ||
    (words.length <= LIMITS.referring && REFERENT.test(text)) ||
    (words.length <= LIMITS.possessed && POSSESSED.test(text)) ||
    (words.length <= LIMITS.oneMore && ONE_MORE.test(text))
  );
}

/**
 * The questions a follow-up refers to, oldest first: the last of `earlier` (oldest first, from the same
 * conversation) that stands on its own, and the follow-ups since. Empty if `question` is not a follow-up or
 * nothing was asked before.
 */
export function questionsBefore(question: string, earlier: readonly string[]): readonly string[] {
  if (!isFollowUp(question)) return [];
  const questions = earlier.filter((each) => tellingWords(each).length > 0);
  const standing = questions.findLastIndex((each) => !isFollowUp(each));
  const base = standing === -1 ? questions.findLastIndex(isShortBeginning) : standing;
  return base === -1 || questions.length - base > LONGEST_CHAIN ? [] : questions.slice(base);
}

/** "Busi berapa?" is short enough to be a follow-up, but begins a conversation; "halo" asks nothing. */
function isShortBeginning(question: string): boolean {
  return tellingWords(question).length > 1 && !leansBack(question);
}

function tellingWords(question: string): readonly string[] {
  return (question.match(WORD) ?? []).filter((word) => !PARTICLES.has(word.toLowerCase()));
}
