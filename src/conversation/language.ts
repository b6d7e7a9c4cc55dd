import { detect } from 'tinyld/light';
import type { I18n } from '../contracts/i18n.js';
import type { Locale } from '../contracts/message.js';

/** Words that only one of the two languages has and that short chat messages are full of. */
const TELLING_WORDS: Record<Locale, ReadonlySet<string>> = {
  id: new Set(
    `ada adalah aja aku anda apa apakah atau bagaimana bagi bang banget barang bayar beli belum berapa beres bisa boleh
    brp buat buka bu bukan cara cek dan dapat dari dengan di dong dulu gak ga gan gimana gmn halo hari harga harus hrg
    ini itu jadi jam jangan juga kak kakak kalau kalo kami kamu kapan karena kasih ke kenapa kirim kita kok kota lagi
    lama lewat lokasi maaf makasih malam mana masih mau mas mbak min minta mohon naik ngga nggak nih ongkir oke pagi
    pakai pake pak paling pas perlu pesan pesanan promo punya saja saya sampai sangat satu sekarang selamat semua
    sih siang siapa sore stok sudah supaya tanya tapi tempat terima tidak toko tolong tutup udah untuk warna ya yang yg`.split(
      /\s+/,
    ),
  ),
  en: new Set(
    `a about all also am an and any are at be buy by can could deliver delivery did do does for from get give good have
    hello help hey hi hours how i if in is it its like long make many me more much my need no not of on open or our
    order over pay please price return see sell send shall ship shipping should size so some store take tell thank
    thanks that the their there they this to today tomorrow until up us want was we what when where which who why will
    with would yes you your`.split(/\s+/),
  ),
};
/** Below this many letters a detector guesses. */
const ENOUGH_LETTERS = 12;

/** The language a text is clearly in, or `undefined` when it gives no sign of it. */
export function languageOf(text: string): Locale | undefined {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const score = (locale: Locale): number => words.filter((word) => TELLING_WORDS[locale].has(word)).length;
  const [id, en] = [score('id'), score('en')];
  if (id !== en) return id > en ? 'id' : 'en';
  if (words.join('').length < ENOUGH_LETTERS) return undefined;
  const guess = detect(text, { only: ['id', 'en'] });
  return guess === 'id' || guess === 'en' ? guess : undefined;
}

export interface LanguageSigns {
  readonly text: string;
  /** Chosen by the person with /language. */
  readonly chosen: Locale | undefined;
  /** Of the turn before. */
  readonly previous: Locale | undefined;
  /** Reported by the platform. */
  readonly languageTag: string | undefined;
  readonly fallback: Locale;
}

/** Decides the language of a turn, once: what was chosen, what is written, what was before. */
export function turnLocale(signs: LanguageSigns, i18n: I18n): Locale {
  return (
    signs.chosen ??
    languageOf(signs.text) ??
    signs.previous ??
    i18n.match(signs.languageTag) ??
    signs.fallback
  );
}
