import type { Locale } from '../../contracts/message.js';

/**
 * Words customers use for one thing, as stems; the first stands for all. Questions are short: in
 * "alamatnya mana?" and "lokasi toko di mana?" nothing else shows that they ask the same.
 */
const SYNONYMS: Readonly<Record<Locale, readonly string[]>> = {
  id: [
    'alamat lokasi letak dimana mana',
    'harga biaya ongkos tarif',
    'diskon promo',
    'voucher kupon',
    'hewan peliharaan peliharan anjing kucing',
    'kirim antar ekspedisi kurir',
    'kontak hubung telepon cs admin wa',
    'kembali retur refund return',
    'stok sedia',
    'cicil kredit angsur',
    'rusak cacat pecah',
    'asli ori original',
    'grosir reseller partai',
    'lacak resi tracking track',
    'lowong loker karir karier',
    'toko gerai outlet',
    'lama estimasi',
  ],
  en: [
    'address locat where',
    'price cost charg fee much',
    'discount promo',
    'voucher coupon',
    'pay payment',
    'pet dog cat anim',
    'ship deliv deliveri send',
    'contact phone call whatsapp reach',
    'return refund',
    'stock avail',
    'instal instalment',
    'damag broken defect faulti',
    'authent genuin origin',
    'wholesal bulk resel',
    'job career vacanc hire',
    'store shop outlet',
    'warranti guarante',
    'hour open',
    'purchas buy',
  ],
};

/** What else customers of any shop ask for, as stems; with the concepts above the subjects of questions. */
const SUBJECTS: Readonly<Record<Locale, string>> = {
  id: 'tukar batal garansi parkir cod ongkir',
  en: 'exchang cancel park cod',
};

/** Pairs of neighbouring stems that are one thing. */
const PHRASES: Readonly<Record<Locale, readonly (readonly [pair: string, concept: string])[]>> = {
  id: [
    ['bayar tempat', 'cod'],
    ['ongkos kirim', 'ongkir'],
    ['harga kirim', 'ongkir'],
    ['uang kembali', 'kembali'],
    ['nomor resi', 'lacak'],
  ],
  en: [
    ['cash deliveri', 'cod'],
    ['pay deliveri', 'cod'],
    ['payment deliveri', 'cod'],
    ['money back', 'return'],
  ],
};

const SYNONYM_OF: Readonly<Record<Locale, ReadonlyMap<string, string>>> = {
  id: synonymMap(SYNONYMS.id),
  en: synonymMap(SYNONYMS.en),
};
const PHRASE_OF: Readonly<Record<Locale, ReadonlyMap<string, string>>> = {
  id: new Map(PHRASES.id),
  en: new Map(PHRASES.en),
};

/** Concepts that go with many subjects, and are none. */
const COMPANIONS: Readonly<Record<Locale, ReadonlySet<string>>> = {
  id: new Set(['lama']),
  en: new Set(['pay', 'purchas']),
};

const SUBJECT_TERMS: Readonly<Record<Locale, ReadonlySet<string>>> = {
  id: subjectTerms('id'),
  en: subjectTerms('en'),
};

/** Whether the concept alone can make one question another: asked for, it must be answered. */
export function isSubject(concept: string, language: Locale): boolean {
  return SUBJECT_TERMS[language].has(concept);
}

/** Terms with phrases joined and synonyms unified. */
export function conceptsOf(terms: readonly string[], language: Locale): string[] {
  const concepts: string[] = [];
  for (let i = 0; i < terms.length; i += 1) {
    const term = terms[i] ?? '';
    const phrase = PHRASE_OF[language].get(`${term} ${terms[i + 1] ?? ''}`);
    if (phrase !== undefined) i += 1;
    concepts.push(phrase ?? SYNONYM_OF[language].get(term) ?? term);
  }
  return concepts;
}

function synonymMap(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.flatMap((line) => {
      const [concept = '', ...others] = line.split(' ');
      return others.map((other) => [other, concept] as const);
    }),
  );
}

function subjectTerms(language: Locale): Set<string> {
  const concepts = SYNONYMS[language].map((line) => line.split(' ', 1)[0] ?? '');
  return new Set(
    [...concepts, ...SUBJECTS[language].split(' ')].filter((term) => !COMPANIONS[language].has(term)),
  );
}
