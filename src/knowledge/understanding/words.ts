/** Words, numbers and codes of a text in lower case, in order, as `WordTable` knows them. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]/g, '')
      .toLowerCase()
      .replace(/[’‘]/g, "'")
      .match(/[a-z0-9]+(?:['-][a-z0-9]+)*|[^\s\p{P}\p{S}a-z0-9]+/gu) ?? []
  );
}

/** A closed class: how people are spoken to and what only colours a sentence. They say nothing of a subject. */
const PARTICLES = new Set(
  `kak kakak kk ka min mimin gan agan sis sist bro bang abang bg mas mbak mba mbk pak bapak bu ibu buk bun bunda om
   tante teh teteh mang dok bos boss dong donk sih ya yah yaa yak yuk deh dech nih ni tuh lah kah kok kek lho loh lo
   nya gitu eh oh ah hmm wkwk hehe hehehe please pls plz sir madam maam mam dear tolong mohon permisi punten halo hallo
   hai hi hello hey sorry maaf infonya`.split(/\s+/),
);

/** Words without particles; all of them when there is nothing else. */
export function withoutParticles(words: readonly string[]): readonly string[] {
  const telling = words.filter((word) => !PARTICLES.has(word));
  return telling.length === 0 ? words : telling;
}

/** A closed class of both languages: what turns a sentence into its opposite. */
const NEGATIONS = new Set(
  `tidak ga gak gk nggak ngga enggak engga kagak tak tdk gada bukan jangan belum blm tanpa not no dont don't doesn't
   didn't can't cannot cant won't isn't aren't without never nope`.split(/\s+/),
);

export type Asked = 'when' | 'where' | 'how-many' | 'who' | 'why' | 'how';

/** A closed class of both languages: what kind of answer is wanted. */
const QUESTION_WORDS: ReadonlyMap<string, Asked> = new Map(
  (
    [
      ['when', 'kapan kpn when'],
      ['where', 'dimana mana dmn where'],
      ['how-many', 'berapa brp berapaan'],
      ['who', 'siapa who whose'],
      ['why', 'kenapa knp mengapa why'],
      ['how', 'bagaimana gimana gmn how cara caranya'],
    ] as const
  ).flatMap(([asked, words]) => words.split(' ').map((word) => [word, asked] as const)),
);
const OTHER_QUESTION_WORDS = new Set(
  'apa apakah mana what which is are do does bisa can could may'.split(' '),
);
const AMOUNT_AFTER_HOW = new Set(['much', 'many', 'long']);

/** A closed class: what a request is made with, and what stands for anything that is sold. */
const ASKING = new Set(
  `minta mau ingin pengen tanya lihat liat cari butuh perlu kasih beri kirim tau tahu info ada punya semua semuanya
   lengkap full show give tell send list see want need get have looking recommend rekomendasi saran all complete any
   kalian kami you your kita aja saja doang produk barang item items product products layanan service services pilihan
   option options one ones what's whats which's terus trus kalo kalau klo there something`.split(/\s+/),
);

/** Whether a word says nothing of what is asked for. */
export function isAsking(word: string): boolean {
  return isQuestionWord(word) || ASKING.has(word);
}

export function isNegated(words: readonly string[]): boolean {
  return words.some((word) => NEGATIONS.has(word));
}

/** Kinds of answer a text asks for. */
export function askedFor(words: readonly string[]): ReadonlySet<Asked> {
  const asked = new Set<Asked>();
  words.forEach((word, position) => {
    const kind = QUESTION_WORDS.get(word);
    if (kind === undefined) return;
    const isAmount = word === 'how' && AMOUNT_AFTER_HOW.has(words[position + 1] ?? '');
    asked.add(isAmount ? 'how-many' : kind);
  });
  return asked;
}

export function numbersIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/\d+/g) ?? []);
}

/** Whether a word, or a phrase such as "how many", asks rather than says something. */
export function isQuestionWord(word: string): boolean {
  if (QUESTION_WORDS.has(word) || OTHER_QUESTION_WORDS.has(word)) return true;
  const [first, second, ...more] = word.split(' ');
  return first === 'how' && second !== undefined && AMOUNT_AFTER_HOW.has(second) && more.length === 0;
}
