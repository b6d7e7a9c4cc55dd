/** Frequent questions of an Indonesian clothing shop, and how customers really type them. */
export interface ShopQuestion {
  readonly question: string;
  readonly answer: string;
  readonly asked: readonly string[];
}

export const SHOP_FAQ: readonly ShopQuestion[] = [
  {
    question: 'Jam berapa toko buka?',
    answer: 'Toko kami buka setiap hari pukul 09.00 sampai 21.00 WIB.',
    asked: ['jam buka toko?', 'kak tokonya buka jam brp ya', 'buka jm brp kak?', 'tutup jam berapa tokonya?'],
  },
  {
    question: 'Apakah hari Minggu tetap buka?',
    answer: 'Ya, hari Minggu dan hari libur nasional kami tetap buka, kecuali Idul Fitri.',
    asked: ['minggu buka gak kak?', 'hari minggu bukaa?', 'kalo hari minggu tutup ga ya'],
  },
  {
    question: 'Di mana alamat toko?',
    answer: 'Toko kami ada di Jalan Braga nomor 25, Bandung.',
    asked: ['alamatnya dmn ya?', 'lokasi toko dimana kak', 'tokonya di mana sih'],
  },
  {
    question: 'Apakah bisa bayar di tempat (COD)?',
    answer: 'Bisa. Bayar di tempat tersedia untuk pesanan sampai Rp1.000.000.',
    asked: ['bisa cod gak?', 'bisa bayar di tempat gak?', 'kak bs COD?', 'terima cod ga sih'],
  },
  {
    question: 'Apa saja metode pembayaran yang diterima?',
    answer: 'Transfer bank BCA dan Mandiri, QRIS, GoPay, OVO, dan kartu kredit.',
    asked: ['metode bayarnya apa aja kak', 'cara pembayaran gmn?', 'pembayarannya bisa pakai apa saja?'],
  },
  {
    question: 'Berapa lama pengiriman ke luar Jawa?',
    answer: 'Pengiriman ke luar Jawa memakan waktu tiga sampai tujuh hari kerja.',
    asked: [
      'kirim ke luar jawa brp lama?',
      'pengiriman luar jawa berapa hari ya kak',
      'lama pengirimn ke luar jawa?',
    ],
  },
  {
    question: 'Berapa ongkir ke Jakarta?',
    answer: 'Ongkos kirim ke Jakarta Rp12.000 per kilogram.',
    asked: ['ongkir ke jkt brp', 'ongkos kirim jakarta berapa kak?', 'ongkir jakarta?'],
  },
  {
    question: 'Apakah ada gratis ongkir?',
    answer: 'Gratis ongkir untuk belanja di atas Rp300.000 ke seluruh Jawa.',
    asked: ['ada free ongkir gak kak', 'gratis ongkir minimal berapa?', 'ongkirnya gratis ga?'],
  },
  {
    question: 'Bagaimana cara menukar barang?',
    answer: 'Hubungi kami dalam 7 hari, barang belum dipakai dan label masih terpasang.',
    asked: ['cara nuker barang gmn?', 'mau tukar barang gimana caranya', 'bisa tuker barang gak kak?'],
  },
  {
    question: 'Apakah uang bisa dikembalikan?',
    answer: 'Uang dikembalikan penuh bila barang cacat atau salah kirim.',
    asked: ['bisa refund gak?', 'uangnya bisa balik ga kak', 'pengembalian uang bisa?'],
  },
  {
    question: 'Bagaimana cara melacak pesanan saya?',
    answer: 'Buka tautan pelacakan di pesan konfirmasi, atau kirim nomor pesanan kepada kami.',
    asked: ['cara lacak pesanan gmn', 'cek resi dimana ya kak', 'lacak paket saya gimana?'],
  },
  {
    question: 'Bagaimana cara membatalkan pesanan?',
    answer: 'Pesanan dapat dibatalkan selama belum dikirim, lewat menu Pesanan Saya.',
    asked: ['cancel pesanan gmn kak', 'bisa batalin order ga', 'mau batalkan pesanan'],
  },
  {
    question: 'Apakah tersedia ukuran XXL?',
    answer: 'Ukuran XXL tersedia untuk kemeja dan jaket.',
    asked: ['ada size xxl gak?', 'ukuran XXL ready kak?', 'xxl ada?'],
  },
  {
    question: 'Bagaimana cara memilih ukuran yang pas?',
    answer: 'Lihat tabel ukuran di setiap halaman produk, ukur lingkar dada dan panjang badan.',
    asked: ['cara milih ukuran gmn?', 'gimana tau ukuran yg pas kak', 'milih ukuran yang pas gimana ya'],
  },
  {
    question: 'Apakah barangnya asli?',
    answer: 'Semua barang asli dari produsen dan bersertifikat.',
    asked: ['barangnya ori gak kak?', 'ini asli kan?', 'dijamin original ga barangnya?'],
  },
  {
    question: 'Apakah ada garansi?',
    answer: 'Ada garansi jahitan selama 30 hari.',
    asked: ['ada garansinya gak?', 'garansi brp lama kak', 'garansinya ada?'],
  },
  {
    question: 'Apakah bisa beli grosir?',
    answer: 'Bisa, harga grosir mulai dari 12 potong.',
    asked: ['bisa grosir gak kak?', 'beli grosir bisa?', 'mau jadi reseller bisa ga'],
  },
  {
    question: 'Apakah bisa pesan baju seragam dengan logo?',
    answer: 'Bisa, minimal 24 potong, bordir logo dikerjakan dua minggu.',
    asked: [
      'bisa pesen seragam pake logo?',
      'bikin seragam logo sendiri bisa kak',
      'pesan baju seragam bisa ga?',
    ],
  },
  {
    question: 'Apakah ada diskon untuk pelanggan baru?',
    answer: 'Pelanggan baru mendapat diskon 10 % dengan kode HALO10.',
    asked: [
      'pelanggan baru dapet diskon gak',
      'ada promo buat pelanggan baru?',
      'diskon pelanggan baru berapa kak?',
    ],
  },
  {
    question: 'Bagaimana cara memakai kode voucher?',
    answer: 'Masukkan kode voucher di halaman pembayaran sebelum memilih metode bayar.',
    asked: [
      'cara pake kode voucher gmn',
      'kode voucernya dimasukin dimana?',
      'voucher cara pakainya gimana kak',
    ],
  },
  {
    question: 'Apakah bisa dicicil?',
    answer: 'Cicilan 0 % tersedia dengan kartu kredit BCA selama tiga bulan.',
    asked: ['bisa nyicil gak kak?', 'cicilan bisa?', 'bisa kredit ga'],
  },
  {
    question: 'Berapa nomor WhatsApp admin?',
    answer: 'Admin kami di WhatsApp 0812-3456-7890.',
    asked: ['no wa admin brp?', 'minta nomer wa admin dong', 'nomor admin berapa kak'],
  },
  {
    question: 'Apakah bisa diambil langsung di toko?',
    answer: 'Bisa, pilih Ambil di Toko saat membayar; pesanan siap dalam dua jam.',
    asked: [
      'bisa ambil langsung ke toko?',
      'kak boleh diambil sendiri di toko gak',
      'ambil di toko bisa ga?',
    ],
  },
  {
    question: 'Bagaimana cara mencuci kain batik?',
    answer: 'Cuci dengan tangan, pakai lerak, jangan dijemur di bawah matahari langsung.',
    asked: ['nyuci batik gimana caranya?', 'cara cuci kain batik gmn kak', 'batik dicuci pake apa?'],
  },
  {
    question: 'Kapan stok baru datang?',
    answer: 'Stok baru datang setiap hari Kamis.',
    asked: ['stok baru kapan dateng kak', 'kapan restock? stok baru datang hari apa', 'stock baru kpn?'],
  },
  {
    question: 'Apakah ada lowongan kerja?',
    answer: 'Lowongan kami umumkan di halaman Karier setiap awal bulan.',
    asked: ['ada loker gak kak?', 'lowongan kerjanya ada?', 'lagi buka lowongan ga'],
  },
  {
    question: 'Bagaimana bila barang yang datang rusak?',
    answer: 'Kirim foto barang dalam 2 hari, kami ganti tanpa biaya.',
    asked: ['barang datang rusak gimana kak?', 'barangnya cacat nih gmn', 'kalau barang rusak bagaimana?'],
  },
  {
    question: 'Apakah ada parkir di toko?',
    answer: 'Ada parkir mobil dan motor di belakang toko.',
    asked: ['ada parkiran ga?', 'parkir mobil di toko ada kak?', 'tokonya ada tempat parkir gak'],
  },
  {
    question: 'Apakah bisa dibungkus sebagai kado?',
    answer: 'Bisa, bungkus kado Rp15.000 lengkap dengan kartu ucapan.',
    asked: ['bisa bungkus kado gak kak?', 'bungkusin kado bisa?', 'mau dibungkus kado dong bisa ga'],
  },
  {
    question: 'Apakah bisa kirim ke luar negeri?',
    answer: 'Bisa, ke Malaysia dan Singapura lewat EMS.',
    asked: ['bisa kirim luar negeri kak?', 'kirim ke luar negri bisa ga', 'pengiriman luar negeri ada?'],
  },
];

/** Questions that no entry answers, some with words of the shop in them. */
export const SHOP_UNANSWERABLE: readonly string[] = [
  'siapa presiden indonesia sekarang?',
  'berapa harga bitcoin hari ini',
  'besok hujan gak di bandung?',
  'tolong buatkan puisi tentang laut',
  'jam berapa pesawat ke bali berangkat?',
  'resep rendang gimana kak',
  'apakah kakak sudah makan?',
  'kemeja ini bahannya katun atau linen?',
  'siapa pemilik toko ini?',
  'apakah ada jaket kulit warna merah?',
  'bisa pasang bordir nama di topi gak',
  'toko ini berdiri sejak kapan?',
  'berapa jumlah karyawan kalian?',
  'bisa jahit kebaya pengantin?',
  'ada cabang di surabaya gak?',
  'apakah kain ini luntur?',
  'kenapa akun saya tidak bisa login',
  'cara ganti password gimana?',
  'bisa minta faktur pajak?',
  'ada celana anak umur 5 tahun?',
  'paket saya hilang di jalan',
  'kurirnya kasar banget sama saya',
  'apa bedanya katun combed dan carded?',
  'rekomendasi baju buat kondangan dong',
  'boleh bawa anjing masuk?',
  'kapan ada acara fashion show?',
  'translate bahasa inggris: saya lapar',
  'berapa 25 kali 4?',
  'model di foto tingginya berapa?',
  'pakai jasa ekspedisi apa?',
];
