const MONTHS: readonly string[] = [
  'januari|january|jan',
  'februari|february|feb',
  'maret|march|mar',
  'april|apr',
  'mei|may',
  'juni|june|jun',
  'juli|july|jul',
  'agustus|august|agu|agt|aug',
  'september|sept|sep',
  'oktober|october|okt|oct',
  'november|nov',
  'desember|december|des|dec',
];
const NAME = `(${MONTHS.join('|')})`;
const DAY_FIRST = new RegExp(
  String.raw`(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]${NAME}(?![\p{L}])`,
  'giu',
);
const MONTH_FIRST = new RegExp(
  String.raw`(?<![\p{L}])${NAME}\.? (\d{1,2})(?:st|nd|rd|th)?(?![\d.,:]*\d)`,
  'giu',
);
const ISO = /(?<!\d)\d{4}-(\d{2})-(\d{2})(?!\d)/g;
const SLASHED = /(?<![\d/])(\d{1,2})[/.](\d{1,2})[/.](?:\d{2}|\d{4})(?!\d)/g;
/** Several days sharing one month: "24, 25 dan 26 Desember", "24-26 December". */
const SHARED = new RegExp(
  String.raw`(?<!\d)((?:\d{1,2}(?:st|nd|rd|th)?\s?(?:,|-|–|dan|and|&|sampai|to)\s?)+)(\d{1,2})(?:st|nd|rd|th)?[ -]${NAME}(?![\p{L}])`,
  'giu',
);

export interface WrittenDate {
  readonly written: string;
  /** `MM-DD`. */
  readonly day: string;
}

/** The dates in a text, as day and month. */
export function writtenDates(text: string): readonly WrittenDate[] {
  const plain = text.normalize('NFKC').replace(/[*_`]/g, '');
  const dates: WrittenDate[] = [];
  const add = (match: string, month: number, day: number): void => {
    if (month < 1 || month > 12 || day < 1 || day > 31) return;
    dates.push({ written: match.trim(), day: `${pad(month)}-${pad(day)}` });
  };
  for (const [written, day = '', name = ''] of plain.matchAll(DAY_FIRST))
    add(written, monthOf(name), Number(day));
  for (const [written, name = '', day = ''] of plain.matchAll(MONTH_FIRST))
    add(written, monthOf(name), Number(day));
  for (const [written, month = '', day = ''] of plain.matchAll(ISO)) add(written, Number(month), Number(day));
  for (const [written, day = '', month = ''] of plain.matchAll(SLASHED))
    add(written, Number(month), Number(day));
  for (const [match, days = '', last = '', name = ''] of plain.matchAll(SHARED)) {
    const numbers = (days.match(/\d{1,2}/g) ?? []).map(Number);
    const isSpan = /[-–]|sampai|to/iu.test(days) && numbers.length === 1;
    const [first = 0] = numbers;
    const all = isSpan
      ? Array.from({ length: Math.max(0, Number(last) - first) }, (_, n) => first + n)
      : numbers;
    for (const day of all) add(match, monthOf(name), day);
  }
  return dates;
}

/** The text with its dates removed, because dates are checked separately. */
export function withoutDates(text: string): string {
  const patterns = [SHARED, DAY_FIRST, MONTH_FIRST, ISO, SLASHED];
  return patterns.reduce((rest, pattern) => rest.replace(pattern, ' '), text.normalize('NFKC'));
}

function monthOf(name: string): number {
  return MONTHS.findIndex((names) => names.split('|').includes(name.toLowerCase())) + 1;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
