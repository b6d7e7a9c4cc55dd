/**
 * Roots that are common where businesses talk with customers. Rules alone cannot tell "mengirim"
 * (from "kirim") from "mengisi" (from "isi"), nor that "kembali" has no affix: a word that can be
 * taken apart down to one of these is.
 */
const ROOTS = `ada adu ajar ajak aju akhir akses aktif akun alamat alih aman ambil ancam angkat angkut anjur antar
  antri apa api arah asal atas atur awal ayah bagai bagi baik bahan bahas baca bakar baju balas bandar bandung
  bangun bantu banyak barang baru barat basah batal batas bawa bayar bayi beban beda bekas beku beli belah
  belajar benar bentuk berapa beras berat beri berita berkas bersih besar biaya biasa bicara bisa bisnis
  boleh botol buah buat buang buka bukti buku bulan bumbu bungkus buru butuh cabang cair cakup campur cantik
  cara cari catat celana cepat cerita cetak cicil cinta coba cocok cuaca cuci cuti daerah daftar dagang daging
  dalam dampak dana dapat darurat dasar data datang daun debit denda dengar depan desain didik dingin diskon
  dokter dokumen domisili dosis dua duduk duga dukung edit efek ekspor enak evaluasi faktur fasilitas formulir
  foto gabung gagal gaji ganggu ganti garansi gelap gerai geser giling gratis guna gudang guru habis hadiah
  hadir hanya hapus harap harga hari hasil hemat hidup hilang hitam hitung hotel hubung hujan ikut imbang
  indah informasi ingat ingin inap isi istri izin jabat jadi jadwal jahit jalan jalin jalur jam jamin janji
  jarak jauh jawab jelas jemput jual jumlah juta kabar kado kain kait kaki kali kalkulasi kamar kandung kantor
  kantong karang kartu karyawan kasih kategori kawin kecil kecual kecuali kejar kelas kelola keluar keluarga
  keluh kembali kembang kemas kemasan kena kenal kenai kerja kering kertas ketahui ketik kira kirim kita
  kode kolektif kompensasi konfirmasi konsultasi konsumsi kontak kopi kosong kota koleksi kotak kritik kualitas
  kuasa kuat kubur kuliah kulit kumpul kunci kunjung kupas kupon kurang kurir kursus laku lagu lama lambat lanjut
  langgan langsung lantai lapor larang latih layan lebih lebur lekat lengkap letak lewat libat libur lihat lindung
  lipat listrik lokasi luar lunas lupa mahal main makan malam masalah masak masuk mati menang menit merek
  meriah meter minat minggu minta minum minus mitra mobil modal model mohon motor muat mudah mulai mungkin
  murah musim naik nama nanti negosiasi nikah nikmat nilai nomor nota obat olah ongkir ongkos operasi orang
  pagi pajak pakai paket pakaian panas pandu panggil panjang parkir pasang pasar pasti pecah pegang
  penuh periksa perlu pesan pesta piknik pilih pindah pinjam pintu potong produk proses promo puas
  pulang puluh putus racik rambut rapat rasa rawat refund rekam rekening rencana rendah resep resmi restoran
  retur ribu ringan risiko roti ruang rumah rusak sabtu sabun saji sakit salah saldo sambung sambut sampai
  sanggup saran satu sebab sebut sedia segar sehat sekolah selamat selesai selisih sembuh seminar senin sepatu
  sepeda serah sertifikat servis sesuai setor setuju sewa siap simpan sisa situs skala stok subuh suka sulit
  suntik surat susu susun syarat tagih tahan tahun takut tambah tampil tanam tanda tangan tanggal tanggap tanggung
  tanya tarif tarik taruh tas tawar teh tegang telepon teman tempat temu tentu tepat terang teri terima ternak
  tetap tidak tidur tiket timbang tinggal tinggi tipe tiba titip tolak toko total transaksi transfer
  tugas tukar tulis tumbuh tunai tunda tunggak tunggu turun turut tutup ubah ucap ukur ulang umum umur undang
  undi unduh unggah untung upah urus urut usaha usia utama utara vaksin verifikasi voucher wajib waktu warna
  wilayah yakin zona`;

export const INDONESIAN_ROOTS: ReadonlySet<string> = new Set(ROOTS.split(/\s+/));
