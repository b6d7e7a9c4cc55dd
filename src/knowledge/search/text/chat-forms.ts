/**
 * Indonesian as it is typed in chats, and the written form it stands for. Several spellings share
 * a line; what is already common in both kinds of text ("ongkir", "cod") is left alone.
 */
const FORMS: readonly (readonly [written: string, typed: string])[] = [
  ['yang', 'yg yng'],
  ['tidak', 'gak ga gk g nggak ngga enggak engga ndak tdk tak kagak kaga gx'],
  ['berapa', 'brp brapa brpa berape'],
  ['bagaimana', 'gmn gmna gimana bgmn gimn bgimana'],
  ['kenapa', 'knp knpa napa kenp'],
  ['kapan', 'kpn kapn'],
  ['apa', 'ap apaan'],
  ['siapa', 'sp sapa'],
  ['dimana', 'dmn dmna dmana'],
  ['mana', 'mn'],
  ['bisa', 'bs bsa bisakah isa'],
  ['boleh', 'blh bole bolehkah'],
  ['harga', 'hrg hrga'],
  ['barang', 'brg brng'],
  ['bayar', 'byr bayr byar'],
  ['kirim', 'krm krim kirm'],
  ['pesan', 'psn pesen order mesan mesen'],
  ['sampai', 'smp smpe sampe nyampe nyampai'],
  ['sudah', 'udah udh sdh dah uda'],
  ['belum', 'blm blum belom'],
  ['dengan', 'dgn dg dngn ama sama'],
  ['untuk', 'utk untk buat bwt'],
  ['dari', 'dr dri'],
  ['kalau', 'kalo klo kl klau'],
  ['saya', 'sy gue gua gw aku ane'],
  ['anda', 'kamu km lu lo elo'],
  ['juga', 'jg jga'],
  ['jam', 'jm pukul'],
  ['buka', 'bk bukak'],
  ['tutup', 'ttp tutp'],
  ['hari', 'hr hri'],
  ['minggu', 'mgg mggu ahad'],
  ['lama', 'lm lma'],
  ['banyak', 'bnyk byk banyk'],
  ['tolong', 'tlg tlong'],
  ['terima', 'trima trm'],
  ['kasih', 'ksh makasih mksh thx'],
  ['ukuran', 'size ukurn'],
  ['warna', 'wrn'],
  ['nomor', 'no nmr nomer nomr'],
  ['rekening', 'rek norek'],
  ['transfer', 'tf trf trsf tranfer'],
  ['alamat', 'almt almat'],
  ['kembali', 'kmbali balik balikin kembaliin'],
  ['tukar', 'tuker'],
  ['ganti', 'gnti'],
  ['rusak', 'rusk cacat'],
  ['datang', 'dateng dtg dtang'],
  ['pakai', 'pake pk'],
  ['dapat', 'dapet dpt dapt'],
  ['sendiri', 'sndiri ndiri'],
  ['diskon', 'disc discount potongan'],
  ['simpan', 'simpen nyimpen'],
  ['setelah', 'stlh stelah stelahnya'],
  ['segar', 'fresh seger'],
  ['kurir', 'ekspedisi'],
  ['gratis', 'gratisan free grtis'],
  ['stok', 'stock ready redi redy'],
  ['toko', 'tko store'],
  ['telepon', 'telp tlp telpon'],
  ['hp', 'handphone ponsel'],
  ['wa', 'whatsapp whatsap'],
  ['cod', 'c.o.d'],
  ['paket', 'pkt pket'],
  ['orang', 'org orng'],
  ['saja', 'aja aj doang'],
  ['karena', 'krn krna karna'],
  ['batal', 'cancel kensel batalin'],
  ['garansi', 'waranty warranty'],
  ['beli', 'bli belanja'],
  ['jakarta', 'jkt'],
  ['bandung', 'bdg'],
  ['surabaya', 'sby'],
  ['yogyakarta', 'jogja yogya jogjakarta'],
];

export const CHAT_FORMS: ReadonlyMap<string, string> = new Map(
  FORMS.flatMap(([written, typed]) => typed.split(' ').map((form) => [form, written] as const)),
);

const THOUSANDS = /^(\d+)(?:rb|ribu|k)$/;
const MILLIONS = /^(\d+)(?:jt|juta)$/;
/** Letters held down: "kaaaak", "berapaaa". */
const STRETCHED = /([a-z])\1{2,}/g;

/** The written form of one folded token of Indonesian chat; amounts are spelled out ("75rb"). */
export function writtenForm(token: string): string {
  const known = CHAT_FORMS.get(token);
  if (known !== undefined) return known;
  const thousands = THOUSANDS.exec(token)?.[1];
  if (thousands !== undefined) return `${thousands}000`;
  const millions = MILLIONS.exec(token)?.[1];
  if (millions !== undefined) return `${millions}000000`;
  const settled = token.replace(STRETCHED, '$1');
  return settled === token ? token : (CHAT_FORMS.get(settled) ?? settled);
}
