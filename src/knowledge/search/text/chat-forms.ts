/** Standard Indonesian words and their spellings in chats. Only spellings, not synonyms. */
const FORMS: readonly (readonly [written: string, typed: string])[] = [
  ['yang', 'yg yng'],
  ['tidak', 'gak ga gk nggak ngga enggak engga ndak tdk tak kagak kaga gx'],
  ['berapa', 'brp brapa brpa berape brape'],
  ['bagaimana', 'gmn gmna gimana bgmn gimn bgimana'],
  ['kenapa', 'knp knpa napa kenp'],
  ['kapan', 'kpn kapn'],
  ['apa', 'ap apaan'],
  ['siapa', 'sapa'],
  ['dimana', 'dmn dmna dmana'],
  ['mana', 'mn'],
  ['bisa', 'bs bsa bisakah'],
  ['boleh', 'blh bole bolehkah'],
  ['harga', 'hrg hrga'],
  ['barang', 'brg brng'],
  ['bayar', 'byr bayr byar'],
  ['kirim', 'krm krim kirm'],
  ['pesan', 'psn pesen mesan mesen'],
  ['sampai', 'smp smpe sampe nyampe nyampai ampe'],
  ['sudah', 'udah udh sdh dah uda'],
  ['belum', 'blm blum belom'],
  ['masih', 'msh masi'],
  ['dengan', 'dgn dngn ama'],
  ['untuk', 'utk untk bwt'],
  ['dari', 'dr dri'],
  ['kalau', 'kalo klo klau'],
  ['terus', 'trus trs'],
  ['habis', 'abis'],
  ['saja', 'aja aj doang'],
  ['lagi', 'lg lgi'],
  ['tapi', 'tp tpi'],
  ['saya', 'sy gue gua gw aku ane'],
  ['anda', 'kamu lo elo'],
  ['juga', 'jg jga'],
  ['jadi', 'jd jdi'],
  ['jam', 'jm pukul pkl'],
  ['buka', 'bk bukak'],
  ['tutup', 'ttp tutp'],
  ['hari', 'hri hr'],
  ['lama', 'lma'],
  ['banyak', 'bnyk byk banyk'],
  ['malam', 'malem mlm'],
  ['tolong', 'tlg tlong'],
  ['terima', 'trima trm'],
  ['kasih', 'ksh makasih mksh'],
  ['ukuran', 'ukurn'],
  ['warna', 'wrn'],
  ['nomor', 'nmr nomer nomr'],
  ['rekening', 'rek norek'],
  ['alamat', 'almt almat'],
  ['kembali', 'kmbali balik balikin kembaliin'],
  ['tukar', 'tuker'],
  ['ganti', 'gnti'],
  ['rusak', 'rusk'],
  ['hilang', 'ilang'],
  ['datang', 'dateng dtg dtang'],
  ['pakai', 'pake pk'],
  ['ambil', 'ngambil'],
  ['dapat', 'dapet dpt dapt'],
  ['sendiri', 'sndiri ndiri'],
  ['simpan', 'simpen nyimpen'],
  ['setelah', 'stlh stelah stelahnya'],
  ['segar', 'seger'],
  ['telepon', 'telp tlp telpon'],
  ['paket', 'pkt pket'],
  ['orang', 'orng'],
  ['karena', 'krn krna karna'],
  ['seperti', 'kyk kayak kaya'],
  ['beli', 'bli'],
  ['you', 'u'],
  ['are', 'r'],
  ['now', 'rn'],
];

const CHAT_FORMS: ReadonlyMap<string, string> = new Map(
  FORMS.flatMap(([standard, typed]) => typed.split(' ').map((form) => [form, standard] as const)),
);

const THOUSANDS = /^(\d+)(?:rb|ribu|k)$/;
const MILLIONS = /^(\d+)(?:jt|juta)$/;
/** Repeated letters: "kaaaak", "berapaaa". */
const STRETCHED = /([a-z])\1{2,}/g;

/** The standard form of one folded token of Indonesian chat; amounts become digits ("75rb" is "75000"). */
export function writtenForm(token: string): string {
  const standard = CHAT_FORMS.get(token);
  if (standard !== undefined) return standard;
  return /\d/.test(token) ? spelledAmount(token) : settled(token);
}

function spelledAmount(token: string): string {
  const thousands = THOUSANDS.exec(token)?.[1];
  if (thousands !== undefined) return `${thousands}000`;
  const millions = MILLIONS.exec(token)?.[1];
  if (millions !== undefined) return `${millions}000000`;
  return settled(token);
}

function settled(token: string): string {
  if (!isStretched(token)) return token;
  const short = token.replace(STRETCHED, '$1');
  return short === token ? token : (CHAT_FORMS.get(short) ?? short);
}

/** Whether a letter occurs three times in a row; far cheaper than the pattern for the usual word. */
function isStretched(token: string): boolean {
  for (let i = 2; i < token.length; i += 1) {
    const code = token.charCodeAt(i);
    if (code === token.charCodeAt(i - 1) && code === token.charCodeAt(i - 2)) return true;
  }
  return false;
}
