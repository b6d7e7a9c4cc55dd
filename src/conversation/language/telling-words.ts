import type { Locale } from '../../contracts/message.js';

/** Words that belong to only one of the two languages and are common in short chat messages. */
export const TELLING_WORDS: Record<Locale, ReadonlySet<string>> = {
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

/** Polite words that speakers of either language mix into the other. */
export const COURTESIES: ReadonlySet<string> = new Set(
  `afternoon evening good great hello hey hi is me min morning nice oke okay please pls plz sorry sip thank thanks
  thx ty u ya you`.split(/\s+/),
);
