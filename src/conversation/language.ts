import { detect } from 'tinyld/light';
import type { I18n } from '../contracts/i18n.js';
import type { Locale } from '../contracts/message.js';

/** Words that only one of the two languages has and that short chat messages are full of. */
const TELLING_WORDS: Record<Locale, ReadonlySet<string>> = {
  id: new Set(
    `ada adalah adek aja aku alamat amat anda antar apa apakah asalamualaikum asli assalamualaikum atas atau
    bagaimana bagi bahan baik baju balik bang banget bangun banyak bapak barang barangnya baru batal bayar bb
    beda berapaan beli belinya belum berapa berat beres berlaku bgmn bgt bisa bkn blm bngt bnyk boleh brp bs bsk bu
    buat buka bukan bulan buruan cara cek cepat cepet cewek cocok cowok cuma cuman daerah dah dan dapat dari
    datang deh dengan depan dgn di diantar dikirim dimana dipakai dmn dong dpt dr duit dulu enak ga gaada
    gabisa gak gan gede gimana gini gitu gmn gratis gua gue gw habis hai halo haloo harga hari harus hrg
    hubungi ibu ikut ingin ini itu jadi jam jangan jg jgn jl jual juga jumat kain kak kakak kalau kalo kami
    kamis kamu kapan karena karna kasi kasih kayak ke kecil kemana kembali kenapa kesini kirim kirimnya kita
    kmn kmrn knp kode kok kosong kota kpn krn kurang kyk lagi lama lebih lewat lho lokasi lokasinya lu lupa
    lusa maaf mah mahal makasi makasih malam mana mantap mas masih mau mbak mending mesen min minggu minta
    mksh mo mohon msh mulai murah naik nanti nanya ngga nggak nih nomor nya oke oleh ongkir ongkos orang pada
    pagi pak pakai pake paket paling pas pasang pengiriman penjual perlu permisi pernah pesan pesanan pgn
    pilih promo pulang punten punya rabu rekening resi ribu rp rugi rumah sabtu saja salah sama sampai sampe
    sangat satu saya sblm sblmnya sby sdh sedang sekarang selamat selasa semua sendiri senin seperti setelah
    siang siap siapa sih sini sip situ skrg sm smp sore stok sudah suka supaya susah tanya tapi tau tdk telat
    tempat tentang terima terimakasih terus tf tgl tiap tidak tinggal toko tolong tp transfer tukar tunai
    turun tutup uang udah udh ukuran untk untuk utk waalaikumsalam warna wkwk wkwkwk ya yah yang yg yuk`.split(
      /\s+/,
    ),
  ),
  en: new Set(
    `a about address after again all already also am an and another any anyone are arrived at available be
    because been before being both but buy buying by can cancel cash cheap close closed cost could deliver
    delivery did discount do does each else ever every few find for free from get gimme give good got great
    had have hello help here hey hi him hours how i if in into is it item items its just know late least let
    like located location long looking made make makes many may maybe me more most much must my near need
    never new nice not now of okay on once only open opening or other our out over package paid pay please pls
    plz possible price problem question r really refund return right same say see sell send shall ship
    shipping should so some soon sorry still stock such take tell than thank thanks that the their them then
    there these they this those through thx time to today tomorrow too try ty u under until up ur us use very
    wanna want wants was way we week were what when where which while who why will with work works would wrong
    yes yesterday yet you your yours`.split(/\s+/),
  ),
};
/** "harganya", "bisakah", "kirimkan": no English word of a chat ends like this. */
const INDONESIAN_ENDING = /^\p{L}{3,}(?:nya|kah|lah|kan)$/u;
/** With fewer letters than this a detector only guesses. */
const ENOUGH_LETTERS = 12;

/** The language a text is clearly in, or `undefined` when it gives no sign of it. */
export function languageOf(text: string): Locale | undefined {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const isTelling = (word: string, locale: Locale): boolean =>
    TELLING_WORDS[locale].has(word) || (locale === 'id' && INDONESIAN_ENDING.test(word));
  const score = (locale: Locale): number => words.filter((word) => isTelling(word, locale)).length;
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
  /** Asked for with the message itself. */
  readonly asked: Locale | undefined;
  /** Of the turn before. */
  readonly previous: Locale | undefined;
  /** Reported by the platform. */
  readonly languageTag: string | undefined;
  readonly fallback: Locale;
}

/** Decides the language of a turn, once: chosen, written, asked for, as before, as the platform says. */
export function turnLocale(signs: LanguageSigns, i18n: I18n): Locale {
  return (
    signs.chosen ??
    languageOf(signs.text) ??
    signs.asked ??
    signs.previous ??
    i18n.match(signs.languageTag) ??
    signs.fallback
  );
}
