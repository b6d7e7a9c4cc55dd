const NON_ASCII = /[^\0-\x7f]/;
/** Finds in ASCII what the general pattern finds; without Unicode properties it is several times faster. */
const ASCII_WORD = /[a-z0-9]+(?:['-][a-z0-9]+)*|[^\s!-/:-@[-`{-~a-z0-9]+/g;

/** Words, numbers and codes of a text in lower case, in order, in the form used by `WordTable`. */
export function wordsOf(text: string): string[] {
  if (!NON_ASCII.test(text)) return text.toLowerCase().match(ASCII_WORD) ?? [];
  return (
    text
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]/g, '')
      .toLowerCase()
      .replace(/[’‘]/g, "'")
      .match(/[a-z0-9]+(?:['-][a-z0-9]+)*|[^\s\p{P}\p{S}a-z0-9]+/gu) ?? []
  );
}

/** Forms of address and words that only add tone; they say nothing about the subject. A closed class. */
const PARTICLES = new Set(
  `kak kakak kk ka min mimin gan agan sis sist bro bang abang bg mas mbak mba mbk pak bapak bu ibu buk bun bunda om
   tante teh teteh mang dok bos boss dong donk sih ya yah yaa yak yuk deh dech nih ni tuh lah kah kok kek lho loh lo
   nya gitu kan guys folks eh oh ah hmm wkwk hehe hehehe please pls plz sir madam maam mam dear tolong mohon permisi punten halo hallo
   hai hi hello hey sorry maaf infonya`.split(/\s+/),
);

/** The words without particles, or all words if there are only particles. */
export function withoutParticles(words: readonly string[]): readonly string[] {
  const telling = words.filter((word) => !PARTICLES.has(word));
  return telling.length === 0 ? words : telling;
}

/** Words that negate a sentence: a closed class of both languages. */
const NEGATIONS = new Set(
  `tidak ga gak gk nggak ngga enggak engga kagak tak tdk gada gaada bukan jangan belum blm tanpa not no dont don't doesn't
   didn't can't cannot cant won't isn't aren't without never nope`.split(/\s+/),
);

export type AnswerKind = 'when' | 'where' | 'how-much' | 'how-many' | 'how-long' | 'who' | 'why' | 'how';

/** Question words and the kind of answer they ask for: a closed class of both languages. */
const QUESTION_WORDS: ReadonlyMap<string, AnswerKind> = new Map(
  (
    [
      ['when', 'kapan kpn when'],
      ['where', 'dimana mana dmn where'],
      ['how-many', 'berapa brp berapaan'],
      ['who', 'siapa who whose'],
      ['why', 'kenapa knp mengapa why'],
      ['how', 'bagaimana gimana gmn how cara caranya'],
    ] as const
  ).flatMap(([kind, words]) => words.split(' ').map((word) => [word, kind] as const)),
);
const OTHER_QUESTION_WORDS = new Set(
  'apa apakah mana what which is are do does bisa can could may'.split(' '),
);
const AMOUNT_AFTER_HOW = new Set(['much', 'many', 'long']);
/** Words that name nothing countable after a word for how much: a closed class. */
const NOTHING_COUNTED = new Set(
  `yang yg untuk buat kalau kalo klo per di ke dari dengan sama dan atau itu ini tuh saja aja total semua for is are
   does do would will to harga hrg biaya tarif ongkos ongkir duit uang rupiah`.split(/\s+/),
);
/**
 * Neighbouring words that turn a question for an amount into one for a duration, an hour or a date: closed
 * classes.
 */
const TIME_AFTER_AMOUNT = new Set(
  'lama menit mnt jam hari minggu bulan bln tahun thn minutes hours days weeks months years'.split(' '),
);
const TIME_AFTER_HOW = new Set(['long', 'soon', 'fast', 'quickly']);
const TIME_BEFORE_AMOUNT = new Set('jam pukul tanggal tgl hari bulan'.split(' '));

/** Words used to make a request, and generic words for anything sold: a closed class. */
const ASKING = new Set(
  `minta mau ingin pengen tanya lihat liat cari butuh perlu kasih beri kirim tau tahu info ada punya semua semuanya
   lengkap full show give tell send list see want need get have looking recommend rekomendasi saran all complete any
   kalian kami you your kita aja saja doang produk barang item items product products layanan service services pilihan
   option options one ones what's whats which's terus trus kalo kalau klo there something
   sell sells selling sold offer offers offered got guys here jual jualan dijual sini`.split(/\s+/),
);

/** Whether a word says nothing about what is asked for. */
export function isAsking(word: string): boolean {
  return isQuestionWord(word) || ASKING.has(word);
}

export function isNegated(words: readonly string[]): boolean {
  return words.some((word) => NEGATIONS.has(word));
}

/** The kinds of answer a text asks for. */
export function answerKindsIn(words: readonly string[]): ReadonlySet<AnswerKind> {
  const kinds = new Set<AnswerKind>();
  words.forEach((word, position) => {
    const kind = QUESTION_WORDS.get(word);
    if (kind === undefined) return;
    kinds.add(kindOf(kind, words, position));
  });
  return kinds;
}

/** "How long", "berapa hari", "jam berapa": the neighbouring words determine the kind of answer. */
function kindOf(kind: AnswerKind, words: readonly string[], position: number): AnswerKind {
  const [before = '', after = '', afterNext = ''] = [-1, 1, 2].map((away) => words[position + away]);
  if (kind === 'how') {
    if (TIME_AFTER_HOW.has(after)) return 'how-long';
    if (!AMOUNT_AFTER_HOW.has(after)) return kind;
    if (TIME_AFTER_AMOUNT.has(afterNext)) return 'how-long';
    return after === 'much' ? 'how-much' : 'how-many';
  }
  if (kind !== 'how-many') return kind;
  if (TIME_AFTER_AMOUNT.has(after)) return 'how-long';
  if (TIME_BEFORE_AMOUNT.has(before)) return 'when';
  return after === '' || PARTICLES.has(after) || NOTHING_COUNTED.has(after) ? 'how-much' : kind;
}

export function numbersIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/\d+/g) ?? []);
}

/** Whether a word, or a phrase such as "how many", asks a question. */
export function isQuestionWord(word: string): boolean {
  if (QUESTION_WORDS.has(word) || OTHER_QUESTION_WORDS.has(word)) return true;
  const [first, second, ...more] = word.split(' ');
  return first === 'how' && second !== undefined && AMOUNT_AFTER_HOW.has(second) && more.length === 0;
}
