/**
 * Roots common in conversations between businesses and customers. Rules alone cannot tell "mengirim" (from
 * "kirim") from "mengisi" (from "isi"), nor that "kembali" has no affix, so a word that can be reduced to one
 * of these is.
 */
const ROOTS = `ada adu ajak ajar aju akhir akses aktif akun alamat alih aman ambil ancam angkat angkut anjur
  antar antri apa api arah asal atas atur awal ayah baca bagai bagi bahan bahas baik baju bakar balas bandar
  bandung bangun bantal bantu banyak barang barat baru basah batal batas baterai bawa bayar bayi beban beda
  bekas beku belah belajar beli benar bentuk berapa beras berat beri berita berkas berlian bersih besar
  biasa biaya bicara bisa bisnis boleh bolpoin botol buah buang buat buka bukti buku bulan bumbu bungkus
  buru butuh cabang cair cakup campur cantik cara cari catat celana cepat cerita cetak cicil cinta coba
  cocok cuaca cuci cuti daerah daftar dagang daging dalam dampak dana dapat darurat dasar data datang daun
  debit denda dengar depan desain didik dingin diskon dokter dokumen domisili dosis dua duduk duga dukung
  edit efek ekspor enak evaluasi faktur fasilitas formulir foto gabung gagal gaji ganggu ganti garansi gelap
  gerai geser giling gratis gudang guna guru habis hadiah hadir hanya hapus harap harga hari hasil hemat
  hidup hilang hitam hitung hotel hubung hujan ikut imbang inap indah informasi ingat ingin isi istri izin
  jabat jadi jadwal jahit jalan jalin jalur jam jamin janji jarak jauh jawab jelas jemput jual jumlah juta
  kabar kacamata kado kain kait kaki kali kalian kalkulasi kamar kandung kantong kantor karang kartu karyawan kasih
  kategori kawin kebaya kecil kecual kecuali kedelai kejar kelambu kelas kelola keluar keluarga keluh
  kemangi kemas kemasan kembali kembang kemeja kemiri kemoceng kemudi kena kenai kenal kepiting keramik
  keranjang kering keripik kerja kertas kerudung ketahui ketik ketumbar kira kirim kita kode koleksi
  kolektif kompensasi konfirmasi konsultasi konsumsi kontak kopi kosong kota kotak kritik kualitas kuasa
  kuat kubur kuliah kulit kumpul kunci kunjung kupas kupon kurang kurir kursus lagu laku lama lambat langgan
  langsung lanjut lantai lapor larang latih layan lebih lebur lekat lemari lengkap letak lewat libat libur liburan
  lihat lindung lipat listrik lokasi luar lunas lupa mahal main makan malam masak masalah masuk mati meja
  memori menang menit mentega merek meriah meter minat minggu minta minum minus mitra mobil modal model
  mohon motor muat mudah mukena mulai mungkin murah musim naik nama nanti nasi negosiasi nikah nikmat nilai
  nomor nota obat olah ongkir ongkos operasi orang pagi pajak pakai pakaian paket panas pandu panggil
  panjang parkir pasang pasar pasti pecah pegang peniti pensil penuh pepaya periksa perlu permata pesan
  pesta pestisida piknik pilih pindah pinjam pintu potong produk promo proses puas pulang puluh putus racik
  rambut ranjang rapat rasa rawat refund rekam rekening rencana rendah resep resmi restoran retur ribu
  ringan risiko roti ruang rumah rusak sabtu sabun saji sakit salah saldo sambung sambut sampai sandal
  sanggup saran sarung satu sebab sebut sedia segar sehat sekolah selamat seledri selendang selesai selimut
  selisih sembuh seminar senin sepatu sepeda seprai serah sertifikat servis sesuai setor setrika setuju sewa
  siap simpan sisa situs skala stok subuh suka sulit suntik surat susu susun syarat tagih tahan tahun takut
  tambah tampil tanam tanda tangan tanggal tanggap tanggung tanya tarif tarik taruh tas tawar tegang teh
  telepon teman tempat temu tentu tepat terang teri terima ternak tetap tiba tidak tidur tiket timbang
  tinggal tinggi tipe tirai titip toko tolak total transaksi transfer tugas tukar tulis tumbuh tunai tunda
  tunggak tunggu turun turut tutup ubah ucap ukur ulang umum umur undang undi unduh unggah untung upah urus
  urut usaha usia utama utara vaksin verifikasi voucher wajib waktu warna wilayah yakin zona`;

export const INDONESIAN_ROOTS: ReadonlySet<string> = new Set(ROOTS.split(/\s+/));
