/**
 * Words of column names in English and Indonesian, matched as whole words of `customer_id` or `customerId`.
 */
const ID = words(
  'id',
  'uuid',
  'guid',
  'kode',
  'code',
  'nomor',
  'no',
  'number',
  'num',
  'ref',
  'invoice',
  'resi',
  'sku',
  'index',
  'rowid',
  'nis',
  'nisn',
  'nim',
  'nip',
);
const PERSONAL = words(
  'name',
  'nama',
  'firstname',
  'lastname',
  'fullname',
  'surname',
  'email',
  'mail',
  'phone',
  'telephone',
  'telepon',
  'telp',
  'hp',
  'whatsapp',
  'wa',
  'mobile',
  'address',
  'alamat',
  'nik',
  'ktp',
  'npwp',
  'passport',
  'paspor',
  'ssn',
  'rekening',
  'iban',
);
/** Words that mark a name as that of a thing, not of a person. */
const THINGS = words(
  'product',
  'produk',
  'item',
  'barang',
  'file',
  'branch',
  'cabang',
  'city',
  'kota',
  'store',
  'toko',
  'menu',
  'brand',
  'merek',
  'country',
  'negara',
  'model',
  'type',
  'jenis',
  'column',
  'event',
);
const PERSON = words(
  'customer',
  'pelanggan',
  'client',
  'klien',
  'user',
  'pengguna',
  'member',
  'anggota',
  'patient',
  'pasien',
  'student',
  'siswa',
  'nasabah',
  'contact',
  'kontak',
  'buyer',
  'pembeli',
  'household',
  'person',
  'guest',
  'tamu',
  'passenger',
  'penumpang',
  'driver',
  'tenant',
  'penyewa',
  'employee',
  'karyawan',
  'pegawai',
  'subscriber',
  'murid',
  'santri',
);
const TARGET = words(
  'target',
  'label',
  'outcome',
  'hasil',
  'churn',
  'churned',
  'berhenti',
  'status',
  'lulus',
  'survived',
  'default',
  'fraud',
  'income',
  'price',
  'harga',
  'sales',
  'penjualan',
  'revenue',
  'omzet',
  'omset',
  'total',
  'amount',
  'jumlah',
  'value',
  'nilai',
  'score',
  'skor',
  'y',
  'intent',
  'category',
  'kategori',
  'beli',
  'bought',
  'purchase',
  'purchased',
  'converted',
  'noshow',
  'return',
  'returned',
  'retur',
  'demand',
  'permintaan',
  'datang',
  'species',
  'quality',
  'cost',
  'biaya',
  'yield',
  'panen',
  'cancelled',
  'canceled',
  'batal',
  'terlambat',
  'late',
);

function words(...list: readonly string[]): ReadonlySet<string> {
  return new Set(list);
}

export function isIdName(name: string): boolean {
  return partsOf(name).some((part) => ID.has(part));
}

export function isPersonalName(name: string): boolean {
  const parts = partsOf(name);
  return parts.some((part) => PERSONAL.has(part)) && !parts.some((part) => THINGS.has(part));
}

/** Beside other words, as in "Car class", these name a group. */
const TARGET_ALONE = words('class', 'kelas');

export function isTargetName(name: string): boolean {
  const parts = partsOf(name);
  return parts.some((part) => TARGET.has(part) || (parts.length === 1 && TARGET_ALONE.has(part)));
}

/** Whether a column identifies the person a row belongs to. */
export function isPersonKey(name: string): boolean {
  const parts = partsOf(name);
  return parts.some((part) => PERSON.has(part)) && (parts.length === 1 || parts.some((part) => ID.has(part)));
}

function partsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '');
}
