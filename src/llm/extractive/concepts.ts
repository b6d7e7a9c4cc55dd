/**
 * What customers of shops, clinics and schools ask about, in the words of both languages: one
 * subject a line. A question and a passage that use different words of a line mean the same.
 */
export const CONCEPTS = {
  price: 'harga biaya tarif ongkos murah termurah mahal price pricing cost fee rate cheap cheapest expensive',
  hours: 'jam buka tutup operasional jadwal open opening close closing closed hours schedule',
  day: `senin selasa rabu kamis jumat sabtu minggu monday tuesday wednesday thursday friday saturday sunday
    weekday weekend everyday daily`,
  address: 'alamat lokasi letak address location located cabang branch',
  shipping: 'kirim pengiriman ongkir antar paket delivery deliver shipping ship shipment parcel package',
  payment: 'bayar pembayaran payment pay',
  returns: 'retur kembali pengembalian refund return returns',
  contact: 'telepon hubungi kontak whatsapp wa phone contact call',
  stock: 'stok tersedia stock available availability',
  warranty: 'garansi warranty guarantee',
  colour: 'warna color colour colors colours',
  size: 'ukuran size sizes fit fits muat',
  discount: 'diskon promo discount promotion',
  duration: 'lama durasi duration takes',
  damage: 'rusak cacat sobek robek pecah damage damaged broken defective faulty torn',
  washing: 'cuci bersih wash clean laundry',
  keeping: 'simpan store keep storage',
  /** Known by its sign alone. */
  allowed: '',
} as const;

export type Concept = keyof typeof CONCEPTS;

/**
 * Subjects a business has one rule for, whatever the article: a document about them answers a
 * question that also names things the document does not.
 */
export const RULES: ReadonlySet<string> = new Set<`#${Concept}`>(['#returns', '#warranty']);

/** What a text shows without naming it. */
export const SIGNS: Readonly<Partial<Record<Concept, RegExp>>> = {
  price: /(?:rp|idr|usd|[$€£])\.?\s?\d|\d\s?(?:ribu|rb|juta|jt)\b/iu,
  hours: /\b\d{1,2}[.:]\d{2}\b(?![.,]?\d)|\b\d{1,2}\s?(?:am|pm|a\.m\.|p\.m\.|wib|wita|wit)(?!\p{L})/iu,
  day: /\b(?:setiap hari|tiap hari|every day)\b/iu,
  contact: /\+?\d[\d\s-]{8,}\d|\S+@\S+\.\S+/u,
  address: /(?:^|\s)(?:jl|jln|jalan|street|st)\b\.?\s/iu,
  allowed: /(?<!tidak |belum |tak |not )\b(?:can|may|bisa|boleh|dapat)\b/iu,
  duration:
    /\d\s?(?:(?:working|business|full)\s)?(?:hari|jam|menit|minggu|bulan|tahun|days?|hours?|minutes?|weeks?|months?|years?)\b/iu,
};

/** Question words that tell which sign the answer shows. */
export const ASKED: readonly (readonly [question: RegExp, concept: Concept])[] = [
  [/^(?:can|could|may|bisa|boleh|apakah.*\b(?:bisa|boleh))\b|\b(?:can i|bisa|boleh)\b/iu, 'allowed'],
  [/\b(?:how long|berapa (?:lama|hari)|brp (?:lama|hari))\b/iu, 'duration'],
  [/\b(?:how much|berapaan|berapa|brp)\b/iu, 'price'],
  [/\b(?:what time|when|kapan|kpn|jam berapa|jam brp)\b/iu, 'hours'],
  [/\b(?:when|kapan|kpn)\b/iu, 'day'],
  [/\b(?:when|kapan|kpn)\b/iu, 'duration'],
  [/\b(?:where|di ?mana|dmn)\b/iu, 'address'],
];

/** Subjects that a question names in several words. */
export const PHRASES: readonly (readonly [phrase: RegExp, concept: Concept])[] = [
  [/\bhow long\b/iu, 'duration'],
  [/\b(?:send|sent|bring|give|take|taken)(?: \p{L}+){0,2} back\b/iu, 'returns'],
];

/** Verbs of asking and wanting: they say little about the subject, so they weigh little. */
export const LIGHT_WORDS = `sell buy get want need know tell find like help ask use offer provide give make take go
  come bring possible accept time day kind type thing question information info please new much many
  jual beli cari butuh ingin perlu tanya info lihat pakai buat minta terima hari macam jenis sedia bisa bawa
  tanyakan berikan dapatkan order pesan masih praktik praktek berapaan layan kena
  nomor number informasi information already sudah want wants long
  something anything someone bought already still tell must stay sesuatu`;
