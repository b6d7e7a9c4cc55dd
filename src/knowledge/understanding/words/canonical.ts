const MULTIPLES: ReadonlyMap<string, number> = new Map([
  ...['rb', 'ribu', 'k', 'rebu', 'thousand'].map((word) => [word, 1_000] as const),
  ...['jt', 'juta', 'million', 'mio'].map((word) => [word, 1_000_000] as const),
]);
const MULTIPLE = new RegExp(
  String.raw`(?<![\p{L}\d.,])(?:rp\.?\s?|idr\s?)?(\d+(?:[.,]\d{1,3})?)\s?(${[...MULTIPLES.keys()].join('|')})(?![\p{L}\d])`,
  'giu',
);
const CURRENCY = new RegExp(String.raw`(?<!\p{L})(?:rp\.?|idr)\s?(?=\d)`, 'giu');
/** `85.000`, `1,250,000` */
const GROUPED = /(?<![\d.,])\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?![\d]|[.,]\d)/g;
/** `250gr`, `1kg`, `30cm`; not a code such as `kw1042`, which begins with letters. */
const UNIT =
  /(?<![\p{L}\d])(\d+(?:[.,]\d+)?)(gr|gram|g|kg|kilo|ml|l|liter|cm|m2|m|mm|km|pcs|pax|org|orang|hari|jam|mnt|menit|x)(?![\p{L}\d])/giu;
/** About twelve digits with common separators, in national or international format. */
const PHONE = /(?<![\d.,])(?:\+?62|0)[\s.-]?8\d{1,3}(?:[\s.-]?\d{3,4}){2,3}(?!\d)/g;

/** Normalises amounts, units and telephone numbers: `85rb` becomes 85000, `250gr` becomes 250 gr. */
export function canonical(text: string): string {
  if (!/\d/.test(text)) return text;
  return text
    .replace(PHONE, (phone) => `0${phone.replace(/\D/g, '').replace(/^(?:62|0)/, '')}`)
    .replace(MULTIPLE, (_, amount: string, word: string) =>
      String(Math.round(decimal(amount) * (MULTIPLES.get(word.toLowerCase()) ?? 1))),
    )
    .replace(CURRENCY, '')
    .replace(GROUPED, (number) => number.replace(/[.,]/g, ''))
    .replace(UNIT, '$1 $2');
}

/** `1,25` and `1.25`. Before a multiple, three digits after the separator are decimals, not thousands. */
function decimal(text: string): number {
  return Number(text.replace(',', '.'));
}
